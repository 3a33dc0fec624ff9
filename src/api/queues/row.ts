import { z } from 'zod';
import { iso } from '../../clock.ts';
import { NO_RULES } from '../../domain/configuration/rule-state.ts';
import { type Configuration, settingsOf, takesBookings } from '../../domain/configuration/state.ts';
import { stopOf } from '../../domain/configuration/stop-state.ts';
import { officeAt, officeOf } from '../../domain/offers/office.ts';
import type { Opening } from '../../domain/time/opening.ts';
import { meanGapSeconds } from '../../domain/waits/estimated-wait.ts';
import type { QueueFacts } from '../../live/queue-facts.ts';

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
  readonly facts: (queue: string) => QueueFacts;
  readonly estimatedWait: (queue: string) => number | null;
};

/** How the offices of queues stand at `now` (epoch ms); queues of the same business hours are looked up once. */
export const openingsAt = (configuration: Configuration, now: number): ((queue: string) => Opening) => {
  const known = new Map<object, Opening>();
  return (queue) => {
    const office = officeOf(configuration, queue);
    if (office?.hours === undefined) return { open: true, until: null };
    const opening = known.get(office.hours) ?? officeAt(office, now);
    known.set(office.hours, opening);
    return opening;
  };
};

const shownOffice = ({ open, until }: Opening): QueueRow['office'] => ({
  state: !open ? 'CLOSED' : until === null ? 'OPEN_ALL_DAY' : 'OPEN',
  until: until === null ? null : iso(until),
});

/** One queue as the list shows it. `calls` is what is known to wait: nothing, while nobody reports live calls and no callback waits. */
export const rowOf = ({ configuration, openingOf, facts, estimatedWait }: QueueRowDeps, queue: string): QueueRow => {
  const settings = settingsOf(configuration, queue);
  const { queued, scheduled, callers, departures } = facts(queue);
  const [gap, wait] = [meanGapSeconds(departures), estimatedWait(queue)];
  const calls = callers === undefined && queued === 0 ? null : queued + (callers ?? 0);
  const office = shownOffice(openingOf(queue));
  const stop = stopOf(configuration, queue);
  const takes = takesBookings(configuration, queue);
  const { numbers, capacity, regions } = configuration.rules.assigned.get(queue) ?? NO_RULES;
  return {
    ...{ queue, estimatedWaitTime: wait, calls, averageQuittingTime: gap ?? null, queuedCallbacks: queued, scheduledCallbacks: scheduled },
    ...{ office, rules: { numbers, capacity, regions } },
    immediateAccepted: takes && settings?.immediateEnabled === true,
    scheduledAccepted: takes && settings?.scheduledEnabled === true,
    retired: configuration.queues.get(queue)?.retired !== undefined,
    stop: stop === undefined ? null : { of: stop.of, by: stop.by, since: stop.since, reason: stop.reason },
    unknown: {
      ...(wait === null && { estimatedWaitTime: reason.NO_INTERACTIONS }),
      ...(gap === undefined && { averageQuittingTime: reason.NO_INTERACTIONS }),
      ...(calls === null && { calls: reason.FLOW_NOT_REPORTED }),
      ...(office.state === 'CLOSED' && office.until === null && { office: reason.NO_CHANGE_KNOWN }),
    },
  };
};
