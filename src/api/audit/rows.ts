import { z } from 'zod';
import { type CallbackRow, view } from '../../domain/callback/view.ts';
import type { Configuration } from '../../domain/configuration/state.ts';
import { shownBusinessHours } from '../business-hours/row.ts';
import { queueSettings } from '../queue-settings/row.ts';
import { shapes } from '../rules/rows.ts';
import { callbackRow } from '../schemas/callback.ts';

/** Why fields of an earlier callback are null: what they follow from is not in the log. */
export const reasonsOfNull = {
  positionInQueue: 'Waiting lines are kept for now only.',
  estimatedWaitTime: 'It follows from the agents, whose states are not in the log.',
} as const;

const earlierCallback = callbackRow
  .omit({ canCancel: true, canReschedule: true, canRecreate: true })
  .extend({ positionInQueue: z.null(), estimatedWaitTime: z.null() })
  .meta({ id: 'EarlierCallback' });

const computedFrom = {
  position: z.string().describe('The last event that the answer is computed from: ask for it to get the same again'),
  instant: z.string().nullable().describe('The instant that was asked for, or else that of the event at the position'),
};
const reasons = z.object({ positionInQueue: z.string(), estimatedWaitTime: z.string() }).describe('Why these are null');

export const earlier = {
  callback: z.object({ ...computedFrom, callback: earlierCallback, reasons }),
  queue: z.object({ ...computedFrom, queue: queueSettings }),
  rule: z.object({ ...computedFrom, rule: z.union([shapes.numbers, shapes.capacity, shapes.regions]) }),
  calendar: z.object({ ...computedFrom, calendar: shownBusinessHours }),
  configuration: z.object({ ...computedFrom, configuration: z.record(z.string(), z.unknown()).describe('As it is put back') }),
  list: z.object({
    ...computedFrom,
    items: z.array(earlierCallback),
    next: z.string().nullable(),
    total: z.int().describe('On all pages'),
    unreadable: z.int().describe('How many of them, on all pages, have lost their personal data since'),
    reasons,
  }),
  later: z.object({ ...computedFrom, message: z.string() }).describe('It is being computed: ask again'),
};

/** A callback as it was shown at `then` (epoch ms), without what only now can be said of it. */
export const shownThen = (row: Omit<CallbackRow, 'waiting'>, configuration: Configuration, then: number) => ({
  ...view({ ...row, waiting: { position: 0, estimatedWaitSeconds: null } }, configuration, then, { mayChange: false }),
  positionInQueue: null,
  estimatedWaitTime: null,
});
