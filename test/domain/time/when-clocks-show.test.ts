import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayBegins, whenClocksShow } from '../../../src/domain/time/when-clocks-show.ts';
import { DAY_MS, hasDay, localOf, zoneOf } from '../../../src/domain/time/zone.ts';

const shown = (zone: string, local: string): string =>
  new Date(whenClocksShow(zoneOf(zone), Date.parse(`${local}Z`))).toISOString().slice(0, 16);
const begins = (zone: string, date: string): string =>
  new Date(dayBegins(zoneOf(zone), Date.parse(date) / DAY_MS)).toISOString().slice(0, 16);
const zones = fc.constantFrom(
  'UTC',
  'Europe/Paris',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Pacific/Apia',
  'Asia/Beirut',
  'Asia/Kathmandu',
);

describe('the instant of a local time', () => {
  it('is what the clocks’ offset makes of it', () => {
    expect(shown('Europe/Paris', '2026-03-02T10:00')).toBe('2026-03-02T09:00');
    expect(shown('Asia/Kathmandu', '2026-03-02T10:00')).toBe('2026-03-02T04:15');
  });
  it('is the first of the two of a time that comes twice', () => {
    expect(shown('Europe/Paris', '2026-10-25T02:30')).toBe('2026-10-25T00:30');
    expect(shown('Australia/Lord_Howe', '2026-04-05T01:45')).toBe('2026-04-04T14:45');
  });
  it('is where clocks are moved for a time that they leave out', () => {
    expect(shown('Europe/Paris', '2026-03-29T02:00')).toBe('2026-03-29T01:00');
    expect(shown('Europe/Paris', '2026-03-29T02:59')).toBe('2026-03-29T01:00');
    expect(shown('Pacific/Apia', '2011-12-30T12:00')).toBe('2011-12-30T10:00');
  });
  it('of a date’s begin is its first instant, also where clocks are moved over midnight', () => {
    expect(begins('Asia/Beirut', '2026-03-29')).toBe('2026-03-28T22:00'); // 00:00 becomes 01:00
    expect(begins('America/Santiago', '2026-09-06')).toBe('2026-09-06T04:00'); // likewise
    expect(begins('Pacific/Apia', '2011-12-31')).toBe('2011-12-30T10:00');
  });
  it('is the first at which clocks show it, or any later time', () =>
    fc.assert(
      fc.property(zones, fc.integer({ min: Date.UTC(2008, 0), max: Date.UTC(2030, 0) }), (name, local) => {
        const zone = zoneOf(name);
        const instant = whenClocksShow(zone, local);
        expect(localOf(zone, instant)).toBeGreaterThanOrEqual(local);
        expect(localOf(zone, instant - 1)).toBeLessThan(local);
        if (hasDay(zone, Math.floor(local / DAY_MS))) expect(localOf(zone, instant) - local).toBeLessThanOrEqual(3_600_000);
      }),
      { numRuns: 1_000 },
    ));
});
