import { DateTime } from 'luxon';
import { z } from 'zod';
import { states } from '../schemas/callback.ts';
import { instantIn, zone } from '../schemas/instant.ts';
import { queueName, text } from '../schemas/text.ts';

export const ranges = ['today', 'last-30-days', 'last-14-days', 'last-7-days', 'next-24-hours', 'next-7-days', 'next-2-weeks'] as const;
export const sortFields = ['desiredTime', 'createdAt', 'updatedAt', 'callbackState', 'phoneNumber', 'serviceName', 'kind', 'id'] as const;
export const filterColumns = ['callbackState', 'phoneNumber', 'serviceName', 'kind', 'direction', 'id'] as const;
export type SortField = (typeof sortFields)[number];
/** Those whose values are instants. */
export const timeFields: readonly SortField[] = ['desiredTime', 'createdAt', 'updatedAt'];

const MOST = 250;
const MOST_QUEUES = 100;

/** A parameter that may stand there several times. */
const repeatable = <T extends z.ZodType>(item: T, most: number) =>
  z.preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(item).min(1).max(most).optional());

const sort = z
  .string()
  .regex(new RegExp(`^-?(${sortFields.join('|')})$`), `must be one of ${sortFields.join(', ')}, with - before it for descending`)
  .default('desiredTime');

const limit = z.coerce.number().int().min(1).max(MOST).optional().describe('Rows of a page; 250 by default');

/** The query of GET /api/callbacks, as OpenAPI shows it. */
export const listQuery = z
  .strictObject({
    from: text(64).optional().describe('Desired times from here on: an instant, or with timezone a local time'),
    to: text(64).optional().describe('Desired times before this'),
    range: z.enum(ranges).optional().describe('Instead of from and to; today when neither is given. Days are those of timezone'),
    state: repeatable(z.enum(states), states.length),
    queue: repeatable(queueName, MOST_QUEUES),
    column: z.enum(filterColumns).optional().describe('With contains: show only rows with that text in this column'),
    contains: text(128).min(1).optional(),
    timezone: zone.optional().describe('IANA zone of the days that range speaks of, and of local from and to; UTC by default'),
    sort,
    limit,
    cursor: text(2_000).optional().describe('What the page before answered as next'),
  })
  .check(({ value, issues }) => {
    const wrong = (path: string, message: string) => issues.push({ code: 'custom', path: [path], message, input: value });
    const { from, to, range, timezone, column, contains } = value;
    if (range !== undefined && (from ?? to) !== undefined) wrong('range', 'can’t stand beside from or to');
    if ((column === undefined) !== (contains === undefined))
      wrong(column === undefined ? 'column' : 'contains', 'is required, for its other half is there');
    const [start, end] = [from, to].map((one) => (one === undefined ? undefined : instantIn(one, timezone)));
    const form = `must be an instant such as 2026-03-01T10:00:00.000Z${timezone === undefined ? '' : ', or a local time without offset'}`;
    if (from !== undefined && start === undefined) wrong('from', form);
    if (to !== undefined && end === undefined) wrong('to', form);
    if (start !== undefined && end !== undefined && start >= end) wrong('to', 'must be later than from');
  });
export type ListQuery = z.output<typeof listQuery>;

/** From `from` to before `to`, epoch ms; undefined is open. */
export type Period = { readonly from: number | undefined; readonly to: number | undefined };

/** The desired times that a query asks for (9.1) at `now` (epoch ms): today unless it says otherwise. */
export const periodOf = ({ from, to, range, timezone }: ListQuery, now: number): Period => {
  if ((from ?? to) !== undefined) {
    return { from: from === undefined ? undefined : instantIn(from, timezone), to: to === undefined ? undefined : instantIn(to, timezone) };
  }
  const local = DateTime.fromMillis(now, { zone: timezone ?? 'utc' });
  const back = (days: number): Period => ({ from: local.minus({ days }).toMillis(), to: now });
  const ahead = (duration: { hours?: number; days?: number }): Period => ({ from: now, to: local.plus(duration).toMillis() });
  switch (range) {
    case 'last-30-days':
      return back(30);
    case 'last-14-days':
      return back(14);
    case 'last-7-days':
      return back(7);
    case 'next-24-hours':
      return ahead({ hours: 24 });
    case 'next-7-days':
      return ahead({ days: 7 });
    case 'next-2-weeks':
      return ahead({ days: 14 });
    default:
      return { from: local.startOf('day').toMillis(), to: local.startOf('day').plus({ days: 1 }).startOf('day').toMillis() };
  }
};

/** How many rows a page has. */
export const pageSize = ({ limit }: ListQuery): number => limit ?? MOST;

export type Sort = { readonly field: SortField; readonly descending: boolean };

export const sortOf = ({ sort: text }: ListQuery): Sort => {
  const descending = text.startsWith('-');
  const field = sortFields.find((one) => one === text.slice(descending ? 1 : 0));
  return { field: field ?? 'desiredTime', descending };
};
