import { z } from 'zod';
import { dayBegins, whenClocksShow } from '../../domain/time/when-clocks-show.ts';
import { DAY_MS, localDayOf, zoneOf } from '../../domain/time/zone.ts';
import { Failure } from '../errors/failure.ts';
import { zone } from '../schemas/instant.ts';

/** How long a stretch can be asked for at once. */
export const MOST_DAYS = 92;
const MOST_SLOTS = 100_000;
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

const UTC = z.iso.datetime();
const LOCAL = z.iso.datetime({ local: true });
const OFFSET = /(Z|[+-]\d{2}:\d{2})$/i;

/** The instant that `start` or `end` names (epoch ms): a local time of the timezone, or UTC where none is given; undefined for anything else. */
export const instantOf = (value: string, timezone: string | undefined): number | undefined => {
  if (timezone === undefined) return UTC.safeParse(value).success ? Date.parse(value) : undefined;
  if (OFFSET.test(value) || !LOCAL.safeParse(value).success) return undefined;
  return whenClocksShow(zoneOf(timezone), Date.parse(`${value}Z`));
};

const time = (what: string) =>
  z.string().max(64).optional().describe(`${what}: a local time of timezone without offset; UTC with Z where there is no timezone`);
const epochMs = (what: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number of milliseconds since 1970')
    .transform(Number)
    .refine((ms) => ms <= LAST_MS, 'must lie before the year 10000')
    .optional()
    .describe(what);
const whole = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from 1 to ${most}`)
    .transform(Number)
    .refine((count) => count >= 1 && count <= most, `must be a whole number from 1 to ${most}`);

/** The query of the contract's availability; parameters that it doesn't know are ignored. */
export const availabilityQuery = z
  .object({
    start: time('Slots from here on; now when left out'),
    startMS: epochMs('The same in milliseconds since 1970'),
    end: time('Slots that begin before this; the end of the start’s day in timezone when left out'),
    endMS: epochMs('The same in milliseconds since 1970'),
    numberOfDays: whole(MOST_DAYS).optional().describe('Instead of an end: so many days of timezone, that of the start the first'),
    timezone: zone.optional().describe('IANA zone of start, end and localTime; UTC by default'),
    maxTimeSlots: whole(MOST_SLOTS).optional().describe('At most so many free slots; full ones aren’t counted'),
    reportBusy: z
      .enum(['true', 'false'])
      .default('false')
      .transform((value) => value === 'true')
      .describe('Full slots too'),
  })
  .check(({ value, issues }) => {
    const wrong = (path: string, message: string) => issues.push({ code: 'custom', path: [path], message, input: value });
    const { start, end, timezone } = value;
    const alone = (...names: readonly ('start' | 'startMS' | 'end' | 'endMS' | 'numberOfDays')[]) => {
      const [first, ...others] = names.filter((name) => value[name] !== undefined);
      for (const other of others) wrong(other, `can’t stand beside ${first}`);
    };
    alone('start', 'startMS');
    alone('end', 'endMS', 'numberOfDays');
    const form =
      timezone === undefined
        ? 'must be UTC such as 2026-03-01T10:00:00.000Z'
        : 'must be a local time of timezone such as 2026-03-01T10:00:00.000';
    for (const [name, text] of Object.entries({ start, end }))
      if (text !== undefined && instantOf(text, timezone) === undefined) wrong(name, form);
  });
export type AvailabilityQuery = z.output<typeof availabilityQuery>;

/** From `from` to before `to`, epoch ms, none that has begun by then. */
export type Asked = { readonly from: number; readonly to: number };

/** What a query asks for at `now`. Throws the failure that answers an end before its start, or one too far from it. */
export const askedFor = (query: AvailabilityQuery, now: number): Asked => {
  const { start, startMS, end, endMS, numberOfDays = 1, timezone } = query;
  const given = startMS ?? (start === undefined ? undefined : instantOf(start, timezone));
  const from = given ?? now;
  const until = endMS ?? (end === undefined ? undefined : instantOf(end, timezone));
  const wrong = (message: string) => new Failure('INVALID_FIELDS', { errors: [{ path: endMS === undefined ? 'end' : 'endMS', message }] });
  if (until !== undefined && given !== undefined && until <= given) throw wrong('must be later than the start');
  if (until !== undefined && until - from > MOST_DAYS * DAY_MS) throw wrong(`must be at most ${MOST_DAYS} days after the start`);
  const clocks = zoneOf(timezone ?? 'UTC');
  const to = until ?? dayBegins(clocks, localDayOf(clocks, from) + numberOfDays);
  return { from: Math.max(from, now + 1), to };
};
