import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCursor, writeCursor } from '../../src/api/callbacks/cursor.ts';
import { type ListQuery, listQuery, pageSize, periodOf, ranges, sortFields, sortOf } from '../../src/api/callbacks/list-query.ts';

const query = (given: object = {}): ListQuery => listQuery.parse(given);
const shown = ({ from, to }: ReturnType<typeof periodOf>) => [from, to].map((ms) => (ms === undefined ? null : new Date(ms).toISOString()));
const period = (given: object, now: string) => shown(periodOf(query(given), Date.parse(now)));

describe('the period of a list', () => {
  const now = '2026-03-02T10:00:00.000Z';
  it.each([
    [{}, '2026-03-02T00:00:00.000Z', '2026-03-03T00:00:00.000Z'],
    [{ range: 'today', timezone: 'Asia/Kathmandu' }, '2026-03-01T18:15:00.000Z', '2026-03-02T18:15:00.000Z'],
    [{ range: 'last-30-days' }, '2026-01-31T10:00:00.000Z', now],
    [{ range: 'last-14-days' }, '2026-02-16T10:00:00.000Z', now],
    [{ range: 'last-7-days' }, '2026-02-23T10:00:00.000Z', now],
    [{ range: 'next-24-hours' }, now, '2026-03-03T10:00:00.000Z'],
    [{ range: 'next-7-days' }, now, '2026-03-09T10:00:00.000Z'],
    [{ range: 'next-2-weeks' }, now, '2026-03-16T10:00:00.000Z'],
    [{ from: '2026-03-02T00:00:00Z' }, '2026-03-02T00:00:00.000Z', null],
    [{ to: '2026-03-02T00:00:00', timezone: 'Europe/Paris' }, null, '2026-03-01T23:00:00.000Z'],
  ])('%j is from %s to before %s', (given, from, to) => expect(period(given, now)).toEqual([from, to]));

  it('of a day on which clocks change is as long as the day', () => {
    expect(period({ timezone: 'Europe/Paris' }, '2026-03-29T10:00:00Z')).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
    expect(period({ timezone: 'Europe/Paris' }, '2026-10-25T10:00:00Z')).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z']);
  });

  it('of a day that begins at one, for clocks jump at midnight, holds that day', () =>
    expect(period({ timezone: 'Africa/Cairo' }, '2026-04-24T10:00:00Z')).toEqual(['2026-04-23T22:00:00.000Z', '2026-04-24T21:00:00.000Z']));

  it('holds now in every range that isn’t custom, at its end or inside', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Paris', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia');
    const instants = fc.integer({ min: Date.parse('2010-01-01'), max: Date.parse('2030-01-01') });
    fc.assert(
      fc.property(fc.constantFrom(...ranges), zones, instants, (range, timezone, at) => {
        const { from = Number.NaN, to = Number.NaN } = periodOf(query({ range, timezone }), at);
        expect(from).toBeLessThan(to);
        expect(from <= at && at <= to).toBe(true);
      }),
    );
  });
});

describe('a list that isn’t told otherwise', () => {
  it('has pages of 250, sorted by desired time', () => {
    expect([pageSize(query()), sortOf(query())]).toEqual([250, { field: 'desiredTime', descending: false }]);
    expect(sortOf(query({ sort: '-updatedAt' }))).toEqual({ field: 'updatedAt', descending: true });
  });
  it('takes one state or service as well as several', () => {
    expect(query({ state: 'QUEUED', queue: ['a', 'b'] })).toMatchObject({ state: ['QUEUED'], queue: ['a', 'b'] });
  });
});

describe('a cursor', () => {
  const ms = fc.option(fc.integer({ min: 0, max: 4e12 }), { nil: undefined });
  const value = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString());
  it('reads back as it was written, for the same order alone', () =>
    fc.assert(
      fc.property(fc.constantFrom(...sortFields), fc.boolean(), ms, ms, value, fc.uuid(), (field, descending, from, to, last, key) => {
        const sort = `${descending ? '-' : ''}${field}`;
        const written = writeCursor(query({ sort }), { period: { from, to }, value: last, key });
        expect(readCursor(query({ sort, cursor: written }))).toEqual({ period: { from, to }, value: last, key });
        expect(() => readCursor(query({ sort: descending ? field : `-${field}`, cursor: written }))).toThrow('INVALID_FIELDS');
      }),
    ));
});
