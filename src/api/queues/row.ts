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

/** What a row is made of: how the office stands of each queue, and the wait that dispatch goes by. */
export type QueueRowDeps = {
  readonly configuration: Configuration;
  readonly openingOf: (queue: string) => Opening;
  readonly counts: (queue: string) => QueueCounts;
  readonly estimatedWait: (queue: string) => number | null;
};

/** What `make` says of a queue, made once for each configuration. */
const perConfiguration = <T>(make: (configuration: Configuration, queue: string) => T) => {
  const made = new WeakMap<Configuration, Map<string, T>>();
  return (configuration: Configuration, queue: string): T => {
    const known = made.get(configuration) ?? new Map<string, T>();
    made.set(configuration, known);
    const value = known.get(queue) ?? make(configuration, queue);
    known.set(queue, value);
    return value;
  };
};

const officeIn = perConfiguration((configuration, queue): Office | undefined => officeOf(configuration, queue));

const openings = new WeakMap<BusinessHours, Opening & { readonly from: number }>();

/** How an office stands, kept until that changes; where no change is known, for an hour. */
const openingOf = (office: Office, hours: BusinessHours, now: number): Opening => {
  const known = openings.get(hours);
  if (known !== undefined && known.from <= now && now < (known.until ?? known.from + 3_600_000)) return known;
  const opening = { ...officeAt(office, now), from: now };
  openings.set(hours, opening);
  return opening;
};

/** How the offices of queues stand at `now` (epoch ms). */
export const openingsAt =
  (configuration: Configuration, now: number) =>
  (queue: string): Opening => {
    const office = officeIn(configuration, queue);
    return office?.hours === undefined ? { open: true, until: null } : openingOf(office, office.hours, now);
  };

type Standing = Pick<QueueRow, 'rules' | 'immediateAccepted' | 'scheduledAccepted' | 'retired' | 'stop'>;
/** What the configuration says of a queue. */
const standingOf = perConfiguration((configuration, queue): Standing => {
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
});

const shownOffice = ({ open, until }: Opening): QueueRow['office'] => ({
  state: !open ? 'CLOSED' : until === null ? 'OPEN_ALL_DAY' : 'OPEN',
  until: until === null ? null : iso(until),
});

/** One queue as the list shows it. `calls` is unknown while nobody reports live calls, however many callbacks wait (2.4). */
export const rowOf = ({ configuration, openingOf, counts, estimatedWait }: QueueRowDeps, queue: string): QueueRow => {
  const { queued, scheduled, callers, meanGapSeconds: gap } = counts(queue);
  const wait = estimatedWait(queue);
  const calls = callers === undefined ? null : queued + callers;
  const office = shownOffice(openingOf(queue));
  return {
    ...{ queue, estimatedWaitTime: wait, calls, averageQuittingTime: gap ?? null, queuedCallbacks: queued, scheduledCallbacks: scheduled },
    office,
    ...standingOf(configuration, queue),
    unknown: {
      ...(wait === null && { estimatedWaitTime: reason.NO_INTERACTIONS }),
      ...(gap === undefined && { averageQuittingTime: reason.NO_INTERACTIONS }),
      ...(calls === null && { calls: reason.FLOW_NOT_REPORTED }),
      ...(office.state === 'CLOSED' && office.until === null && { office: reason.NO_CHANGE_KNOWN }),
    },
  };
};
