import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { capacityAt } from '../../../src/domain/rules/capacity-at.ts';
import { convertValues, withDuration } from '../../../src/domain/rules/capacity-duration.ts';
import {
  type CapacityDuration,
  type CapacityRule,
  capacityRule,
  capacityStatement,
  days,
} from '../../../src/domain/rules/capacity-rule.ts';

/** The guide's own sample. */
const sample = {
  days: {
    ...{ sun: { '02:00': 2 }, mon: { '05:00': 2 }, tue: { '07:00': 3, '06:00': 4 }, wed: { '08:00': 5 }, thu: { '11:00': 6 } },
    ...{ fri: { '18:00': 6 }, sat: { '19:00': 6 } },
  },
  duration: 60,
};

const two = (part: number): string => String(part).padStart(2, '0');
const hours = Array.from({ length: 24 }, (_, hour) => two(hour));
const times = (duration: CapacityDuration) => hours.flatMap((hour) => (duration === 60 ? [`${hour}:00`] : [`${hour}:00`, `${hour}:30`]));
const anyValues = (duration: CapacityDuration) => fc.dictionary(fc.constantFrom(...times(duration)), fc.nat(20), { noNullPrototype: true });
const anyRule = (duration: CapacityDuration): fc.Arbitrary<CapacityRule> =>
  fc.record(
    {
      duration: fc.constant(duration),
      days: fc.dictionary(fc.constantFrom(...days), anyValues(duration), { noNullPrototype: true }),
      exceptions: fc.uniqueArray(
        fc.record(
          { date: fc.integer({ min: 1, max: 28 }).map((day) => `2026-03-${two(day)}`), values: anyValues(duration) },
          { noNullPrototype: true },
        ),
        { maxLength: 3, selector: ({ date }) => date },
      ),
    },
    { noNullPrototype: true },
  );
const anyDuration = fc.constantFrom<CapacityDuration>(60, 30);
const anyOfBoth = anyDuration.chain(anyRule);
/** A minute of March 2026, as the wall shows it. */
const anyLocal = fc.integer({ min: 0, max: 28 * 1440 - 1 }).map((minute) => Date.UTC(2026, 2, 1) + minute * 60_000);

describe('the capacity that a rule gives', () => {
  it('is the value of the time slot around the start, by the date if an exception has it, else by the day of the week, else 0', () =>
    fc.assert(
      fc.property(anyOfBoth, anyLocal, (rule, local) => {
        const at = DateTime.fromMillis(local, { zone: 'utc' });
        const minute = rule.duration === 30 && at.minute >= 30 ? '30' : '00';
        const values = rule.exceptions.find(({ date }) => date === at.toISODate())?.values ?? rule.days[days[at.weekday % 7] ?? 'sun'];
        expect(capacityAt(rule, local)).toBe(values?.[`${two(at.hour)}:${minute}`] ?? 0);
      }),
      { numRuns: 500 },
    ));
  it('holds before 1970, too', () => expect(capacityAt({ ...capacityRule.parse(sample) }, Date.parse('1969-12-31T08:59:59.999Z'))).toBe(5)); // a Wednesday
});

describe('another length of time slots', () => {
  it('copies each value to the half hour, and drops those of half hours on the way back', () => {
    expect(convertValues({ '02:00': 2, '07:00': 0 }, 60, 30)).toEqual({ '02:00': 2, '02:30': 2, '07:00': 0, '07:30': 0 });
    expect(convertValues({ '02:00': 2, '02:30': 5, '09:30': 1 }, 30, 60)).toEqual({ '02:00': 2 });
  });
  it('changes no capacity from 60 to 30, and gives the same rule back from there', () =>
    fc.assert(
      fc.property(anyRule(60), anyLocal, (rule, local) => {
        const half = withDuration(rule, 30);
        expect(capacityRule.parse(half)).toEqual(half);
        expect(capacityAt(half, local)).toBe(capacityAt(rule, local));
        expect(withDuration(half, 60)).toEqual(rule);
      }),
    ));
  it('keeps from 30 to 60 what held at the full hour', () =>
    fc.assert(
      fc.property(anyRule(30), anyLocal, (rule, local) => {
        const whole = withDuration(rule, 60);
        expect(capacityRule.parse(whole)).toEqual(whole);
        expect(capacityAt(whole, local)).toBe(capacityAt(rule, local - (local % 3_600_000)));
      }),
    ));
  it('of the same leaves a rule as it is', () =>
    fc.assert(fc.property(anyOfBoth, (rule) => void expect(withDuration(rule, rule.duration)).toEqual(rule))));
});

describe('a capacity rule that is saved', () => {
  const paths = (body: unknown, schema: typeof capacityRule | typeof capacityStatement = capacityRule) =>
    schema.safeParse(body).error?.issues.map(({ path }) => path.join('.')) ?? [];

  it('takes the statement of the guide, and gives it back', () => {
    expect(capacityStatement.parse(sample)).toEqual(sample);
    expect(capacityRule.parse(sample)).toEqual({ ...sample, exceptions: [] });
  });
  it('is stored as it came, whatever it is', () =>
    fc.assert(fc.property(anyOfBoth, (rule) => void expect(capacityRule.parse(structuredClone(rule))).toEqual(rule))));
  it.each([
    ['a wrong minute', { days: { sun: { '02:15': 2 } }, duration: 60 }, 'days.sun.02:15'],
    ['a half hour in a rule of full hours', { days: { tue: { '02:30': 2 } }, duration: 60 }, 'days.tue.02:30'],
    ['a quarter', { days: { tue: { '02:15': 2 } }, duration: 30 }, 'days.tue.02:15'],
    ['24:00', { days: { tue: { '24:00': 2 } }, duration: 60 }, 'days.tue.24:00'],
    ['a time without its zero', { days: { tue: { '2:00': 2 } }, duration: 60 }, 'days.tue.2:00'],
    ['an unknown day', { days: { sunday: {} }, duration: 60 }, 'days'],
    ['another duration', { days: {}, duration: 15 }, 'duration'],
    ['no duration', { days: {} }, 'duration'],
    ['no days', { duration: 60 }, 'days'],
    ['a capacity below 0', { days: { mon: { '02:00': -1 } }, duration: 60 }, 'days.mon.02:00'],
    ['a fraction', { days: { mon: { '02:00': 1.5 } }, duration: 60 }, 'days.mon.02:00'],
    ['text for a number', { days: { mon: { '02:00': '2' } }, duration: 60 }, 'days.mon.02:00'],
  ])('refuses %s, naming where', (_, body, path) => {
    expect(paths(body)).toEqual([path]);
    expect(paths(body, capacityStatement)).toEqual([path]);
  });
  it.each([
    ['a date that there isn’t', [{ date: '2026-02-30', values: {} }], 'exceptions.0.date'],
    ['a date twice', [...['2026-02-01', '2026-02-01'].map((date) => ({ date, values: {} }))], 'exceptions.1.date'],
    ['a wrong minute on a date', [{ date: '2026-02-01', values: { '02:30': 1 } }], 'exceptions.0.values.02:30'],
  ])('refuses %s, naming where', (_, exceptions, path) => {
    expect(paths({ ...sample, exceptions })).toEqual([path]);
    expect(paths({ ...sample, exceptions }, capacityStatement)).toEqual(['']); // a statement has no exceptions
  });
});
