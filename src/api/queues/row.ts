import { z } from 'zod';
import { iso } from '../../clock.ts';
import type { BusinessHours } from '../../domain/configuration/events.ts';
import { NO_RULES } from '../../domain/configuration/rule-state.ts';
import { type Configuration, settingsOf, takesBookings } from '../../domain/configuration/state.ts';
import { stopOf } from '../../domain/configuration/stop-state.ts';
import { type Office, officeAt, officeOf } from '../../domain/offers/office.ts';
import type { Opening } from '../../domain/time/opening.ts';
import type { QueueCounts } from '../../live/queue-facts.ts';

const reason = {
  NO_INTERACTIONS: 'NO_INTERACTIONS',
  FLOW_NOT_REPORTED: 'FLOW_NOT_REPORTED',
  NO_CHANGE_KNOWN: 'NO_CHANGE_KNOWN',
} as const;

/** A queue of the list (2.4). What isn't known is null, and `unknown` says why. */
export const queueRow = z
  .object({
    queue: z.string(),
    estimatedWaitTime: z.number().nullable().describe('Seconds; the wait that dispatch goes by'),
    calls: z.int().nullable().describe('Who waits: callbacks that are QUEUED, and live calls'),
    averageQuittingTime: z.number().nullable().describe('Mean seconds between interactions that left the queue, over the last 32'),
    queuedCallbacks: z.int(),
    scheduledCallbacks: z.int(),
    office: z.object({
      state: z.enum(['OPEN_ALL_DAY', 'OPEN', 'CLOSED']),
      until: z.string().nullable().describe('When it closes or opens, UTC; null where it is open all day, or no change is known'),
    }),
    rules: z.object({ numbers: z.string().nullable(), capacity: z.string().nullable(), regions: z.string().nullable() }),
    immediateAccepted: z.boolean(),
    scheduledAccepted: z.boolean(),
    retired: z.boolean(),
    stop: z
      .object({ of: z.enum(['all', 'queue']), by: z.string(), since: z.string(), reason: z.string().nullable() })
      .nullable()
      .describe('Why nothing is dialed; null while it is'),
    unknown: z
      .object({
        estimatedWaitTime: z.literal(reason.NO_INTERACTIONS).optional(),
        averageQuittingTime: z.literal(reason.NO_INTERACTIONS).optional(),
        calls: z.literal(reason.FLOW_NOT_REPORTED).optional(),
        office: z.literal(reason.NO_CHANGE_KNOWN).optional(),
      })
      .describe(
        'Why a value is null: fewer than two interactions left the queue; nobody reports live calls; the office has no known opening',
      ),
  })
  .meta({ id: 'Queue' });
export type QueueRow = z.output<typeof queueRow>;

/** What rows are made of: how the queues stand at `now` (epoch ms), and the wait that dispatch goes by. */
export type QueueRowDeps = {
  readonly configuration: Configuration;
  readonly now: number;
  readonly counts: (queue: string) => QueueCounts;
  readonly estimatedWait: (queue: string) => number | null;
};

type Standing = Pick<QueueRow, 'rules' | 'immediateAccepted' | 'scheduledAccepted' | 'retired' | 'stop'>;
const standingOf = (configuration: Configuration, queue: string): Standing => {
  const settings = settingsOf(configuration, queue);
  const takes = takesBookings(configuration, queue);
  const stop = stopOf(configuration, queue);
  const { numbers, capacity, regions } = configuration.rules.assigned.get(queue) ?? NO_RULES;
  return {
    rules: { numbers, capacity, regions },
    immediateAccepted: takes && settings?.immediateEnabled === true,
    scheduledAccepted: takes && settings?.scheduledEnabled === true,
    retired: configuration.queues.get(queue)?.retired !== undefined,
    stop: stop === undefined ? null : { of: stop.of, by: stop.by, since: stop.since, reason: stop.reason },
  };
};

/** What the configuration says of a queue: its office, and as JSON its name and standing. */
type Known = { readonly office: Office | undefined; readonly name: string; readonly standing: string };
const known = new WeakMap<Configuration, Map<string, Known>>();
const knownOf = (configuration: Configuration, queue: string): Known => ({
  office: officeOf(configuration, queue),
  name: JSON.stringify(queue),
  standing: JSON.stringify(standingOf(configuration, queue)).slice(1, -1),
});

/** How an office stands, as JSON; `isUnknown`: it is closed, and no opening is known. */
type ShownOffice = { readonly json: string; readonly isUnknown: boolean };
const shownOffice = ({ open, until }: Opening): ShownOffice => {
  const state = !open ? 'CLOSED' : until === null ? 'OPEN_ALL_DAY' : 'OPEN';
  const shown: QueueRow['office'] = { state, until: until === null ? null : iso(until) };
  return { json: JSON.stringify(shown), isUnknown: !open && until === null };
};
const alwaysOpen = shownOffice({ open: true, until: null });

const offices = new WeakMap<BusinessHours, ShownOffice & { readonly from: number; readonly to: number }>();

/** The same, kept until it changes; where no change is known, for an hour. */
const officeNow = (office: Office | undefined, now: number): ShownOffice => {
  if (office?.hours === undefined) return alwaysOpen;
  const before = offices.get(office.hours);
  if (before !== undefined && before.from <= now && now < before.to) return before;
  const opening = officeAt(office, now);
  const shown = { ...shownOffice(opening), from: now, to: opening.until ?? now + 3_600_000 };
  offices.set(office.hours, shown);
  return shown;
};

const because = (isUnknown: boolean, field: keyof QueueRow['unknown'], why: keyof typeof reason): string =>
  isUnknown ? `,"${field}":"${why}"` : '';

/**
 * A queue as the list shows it, in JSON: what the configuration says of it is written once, for making rows as objects takes several times what
 * the rest of an answer does. `calls` is unknown while nobody reports live calls, however many callbacks wait (2.4).
 */
export const rowsAsJson = ({ configuration, now, counts, estimatedWait }: QueueRowDeps): ((queue: string) => string) => {
  const byQueue = known.get(configuration) ?? new Map<string, Known>();
  known.set(configuration, byQueue);
  return (queue) => {
    let of = byQueue.get(queue);
    if (of === undefined) {
      of = knownOf(configuration, queue);
      byQueue.set(queue, of);
    }
    const { queued, scheduled, callers, meanGapSeconds: gap = null } = counts(queue);
    const wait = estimatedWait(queue);
    const calls = callers === undefined ? null : queued + callers;
    const office = officeNow(of.office, now);
    const unknown =
      because(wait === null, 'estimatedWaitTime', 'NO_INTERACTIONS') +
      because(gap === null, 'averageQuittingTime', 'NO_INTERACTIONS') +
      because(calls === null, 'calls', 'FLOW_NOT_REPORTED') +
      because(office.isUnknown, 'office', 'NO_CHANGE_KNOWN');
    const figures = `"estimatedWaitTime":${wait},"calls":${calls},"averageQuittingTime":${gap},"queuedCallbacks":${queued},"scheduledCallbacks":${scheduled}`;
    return `{"queue":${of.name},${figures},"office":${office.json},${of.standing},"unknown":{${unknown.slice(1)}}}`;
  };
};
