import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { isAllowedAt, nextAllowed } from '../../../src/domain/time/local-hours.ts';
import { at, utc } from './hours.ts';

const day = { from: '08:00', to: '21:00' };
const next = (hours: typeof day, zones: readonly string[], instant: string): string | null => {
  const found = nextAllowed(hours, zones, at(instant));
  return found === null ? null : utc(found);
};

describe('local hours', () => {
  it('hold from their first minute to before their last', () => {
    const allowed = (instant: string) => isAllowedAt(day, ['Europe/Paris'], at(instant));
    expect(['2026-03-02T06:59:59Z', '2026-03-02T07:00Z', '2026-03-02T19:59:59Z', '2026-03-02T20:00Z'].map(allowed)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
  it('past midnight hold on both sides of it', () => {
    const night = { from: '22:00', to: '02:00' };
    const allowed = (instant: string) => isAllowedAt(night, ['UTC'], at(instant));
    expect(['2026-03-02T21:59Z', '2026-03-02T22:00Z', '2026-03-02T01:59Z', '2026-03-02T02:00Z'].map(allowed)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(next(night, ['UTC'], '2026-03-02T02:00Z')).toBe('2026-03-02T22:00');
  });
  it('to midnight hold until then', () => {
    expect(isAllowedAt({ from: '08:00', to: '00:00' }, ['UTC'], at('2026-03-02T23:59:59Z'))).toBe(true);
    expect(isAllowedAt({ from: '08:00', to: '00:00' }, ['UTC'], at('2026-03-02T00:00Z'))).toBe(false);
  });
  it('begin at what the clocks show, also on days when they are moved', () => {
    expect(next(day, ['America/New_York'], '2026-03-07T04:00Z')).toBe('2026-03-07T13:00');
    expect(next(day, ['America/New_York'], '2026-03-08T04:00Z')).toBe('2026-03-08T12:00');
    expect(next(day, ['America/New_York'], '2026-11-01T04:00Z')).toBe('2026-11-01T13:00');
  });
  it('that begin at a time that the clocks leave out begin with the next', () =>
    expect(next({ from: '02:30', to: '21:00' }, ['America/New_York'], '2026-03-08T05:00Z')).toBe('2026-03-08T07:00'));
  it('of somebody who may be in several zones are those that all of them share', () => {
    const zones = ['America/New_York', 'America/Los_Angeles'];
    expect(next(day, zones, '2026-03-02T13:00Z')).toBe('2026-03-02T16:00'); // 08:00 in Los Angeles
    expect(next(day, zones, '2026-03-03T02:30Z')).toBe('2026-03-03T16:00'); // past 21:00 in New York
  });
  it('that zones do not share never come', () =>
    expect(next({ from: '09:00', to: '10:00' }, ['America/New_York', 'Asia/Tokyo'], '2026-03-02T13:00Z')).toBeNull());
  it('hold always for somebody of whom no zone is known', () => expect(next(day, [], '2026-03-02T03:00Z')).toBe('2026-03-02T03:00'));
});

const zone = fc.constantFrom(
  ...['UTC', 'Europe/Paris', 'America/New_York', 'America/Los_Angeles', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/St_Johns'],
  ...['Pacific/Apia', 'America/Santiago', 'Africa/Cairo', 'Asia/Tokyo'],
);
const minute = fc.integer({ min: 0, max: 1439 });
const text = (of: number): string => `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`;
const anyHours = fc.tuple(minute, minute).filter(([a, b]) => a !== b).map(([a, b]) => ({ from: text(a), to: text(b) })); // biome-ignore format: one line
const anyZones = fc.uniqueArray(zone, { minLength: 1, maxLength: 3 });
const anyInstant = fc.integer({ min: at('2026-01-01T00:00Z') / 60_000, max: at('2028-01-01T00:00Z') / 60_000 }).map((n) => n * 60_000);

describe('the next allowed minute', () => {
  /** By the clocks of another library, minute by minute. */
  const allowedByLuxon = ({ from, to }: typeof day, zones: readonly string[], instant: number): boolean =>
    zones.every((name) => {
      const shown = DateTime.fromMillis(instant, { zone: name }).toFormat('HH:mm');
      return from < to ? from <= shown && shown < to : shown >= from || shown < to;
    });

  it('is allowed, and no minute before it is', () =>
    fc.assert(
      fc.property(anyHours, anyZones, anyInstant, (hours, zones, instant) => {
        const found = nextAllowed(hours, zones, instant);
        const limit = Math.min(found ?? Number.POSITIVE_INFINITY, instant + 2 * 86_400_000);
        for (let moment = instant; moment < limit; moment += 60_000) {
          if (isAllowedAt(hours, zones, moment)) expect.fail(`allowed before: ${utc(moment)}`);
        }
        if (found === null) return;
        expect(found).toBeGreaterThanOrEqual(instant);
        expect(found % 60_000).toBe(0);
        expect(isAllowedAt(hours, zones, found)).toBe(true);
        expect(nextAllowed(hours, zones, found)).toBe(found);
      }),
      { numRuns: 120 },
    ));

  it('is by what the clocks show', () =>
    fc.assert(
      fc.property(anyHours, anyZones, anyInstant, (hours, zones, instant) => {
        expect(isAllowedAt(hours, zones, instant)).toBe(allowedByLuxon(hours, zones, instant));
      }),
      { numRuns: 500 },
    ));

  it('comes within a day and a half for somebody of one zone', () =>
    fc.assert(
      fc.property(anyHours, zone, anyInstant, (hours, name, instant) => {
        const found = nextAllowed(hours, [name], instant);
        expect(found).not.toBeNull();
        expect((found ?? 0) - instant).toBeLessThan(2 * 86_400_000 + 3_600_000);
      }),
      { numRuns: 200 },
    ));
});
