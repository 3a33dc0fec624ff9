import { z } from 'zod';
import { listQuery, sortOf } from '../callbacks/list-query.ts';
import { instant } from '../schemas/instant.ts';
import { callbackId, name } from '../schemas/text.ts';
import { ruleName } from './trail-query.ts';

const own = {
  timezone: undefined,
  position: undefined,
  instant: undefined,
  callback: undefined,
  report: undefined,
  queue: undefined,
  rule: undefined,
  calendar: undefined,
};
const reports = ['callbacks', 'configuration'] as const;

/** The query of GET /api/audit/as-of: when, by a position or an instant; and what, beside the parameters of a list. */
export const asOfQuery = listQuery
  .safeExtend({
    position: z
      .string()
      .regex(/^\d{1,19}$/, 'must be a position as a write answered it')
      .transform(BigInt)
      .optional()
      .describe('The event up to which everything is taken'),
    instant: instant.optional().describe('Instead of a position: everything up to then'),
    callback: callbackId.optional(),
    rule: ruleName.optional(),
    calendar: name(128).optional().describe('Name of business hours'),
    report: z
      .enum(reports)
      .optional()
      .describe(
        'The list of callbacks, with the parameters of GET /api/callbacks; or all queues, business hours and rules as one document, which can be put back',
      ),
  })
  .check(({ value, issues }) => {
    const wrong = (path: string, message: string) => issues.push({ code: 'custom', path: [path], message, input: value });
    const { position, instant: at, callback, report, queue, rule, calendar } = value;
    if ((position === undefined) === (at === undefined)) wrong('position', 'give either a position or an instant');
    const others = { callback, rule, calendar, ...(report === 'callbacks' ? {} : { queue }) };
    const [given, ...more] = Object.entries({ report, ...others }).flatMap(([name, one]) => (one === undefined ? [] : [name]));
    if (given === undefined) wrong('report', 'give one of callback, queue, rule, calendar and report');
    for (const second of more) wrong(second, `can’t stand beside ${given}`);
    if (report === 'callbacks') return;
    if (queue !== undefined && queue.length > 1) wrong('queue', 'give one queue, or report=callbacks');
    const { sort: _, ...rest } = value;
    for (const [name, value] of Object.entries(rest)) if (value !== undefined && !(name in own)) wrong(name, 'belongs to report=callbacks');
    if (sortOf(value).field !== 'desiredTime' || sortOf(value).descending) wrong('sort', 'belongs to report=callbacks');
  });
export type AsOfQuery = z.output<typeof asOfQuery>;

/** Everything up to and including a position, or up to an instant (epoch ms). */
export type Until = { readonly position: bigint } | { readonly instant: number };

export const untilOf = ({ position, instant: at }: AsOfQuery): Until => (position === undefined ? { instant: at ?? 0 } : { position });
