import { describe, expect, it } from 'vitest';
import { lastEnd, nextEnd, stillOf } from '../../../src/domain/business-day/eras.ts';
import type { BusinessHours } from '../../../src/domain/configuration/events.ts';
import { at, everyDay } from '../time/hours.ts';

const until = (end: string): BusinessHours => ({ zone: 'UTC', weekly: everyDay([['09:00', end]]), exceptions: [], holidays: [] });
const MONDAY = at('2026-03-02T00:00Z');
const shown = (closing: { closedAt: number } | undefined) => closing && new Date(closing.closedAt).toISOString().slice(0, 16);

describe('the next end of a business day', () => {
  it('is by the hours of the queue', () =>
    expect(shown(nextEnd([{ from: MONDAY, hours: until('18:00') }], MONDAY))).toBe('2026-03-02T18:00'));

  it('of hours that are edited to end at a time already past is tomorrow’s', () => {
    const eras = [
      { from: MONDAY, hours: until('18:00') },
      { from: at('2026-03-02T15:00Z'), hours: until('14:00') },
    ];
    expect(shown(nextEnd(eras, MONDAY))).toBe('2026-03-03T14:00');
    expect(lastEnd(eras, MONDAY, at('2026-03-02T23:00Z'))).toBeUndefined();
  });

  it('that came before an edit is owed still', () => {
    const eras = [
      { from: MONDAY, hours: until('14:00') },
      { from: at('2026-03-02T15:00Z'), hours: until('18:00') },
    ];
    expect(shown(nextEnd(eras, MONDAY))).toBe('2026-03-02T14:00');
    expect(shown(nextEnd(eras, at('2026-03-02T14:00Z')))).toBe('2026-03-02T18:00');
  });

  it('is none without hours, and none before they were given', () => {
    expect(nextEnd([{ from: MONDAY, hours: null }], MONDAY)).toBeUndefined();
    const eras = [
      { from: MONDAY, hours: null },
      { from: at('2026-03-02T20:00Z'), hours: until('18:00') },
    ];
    expect(shown(nextEnd(eras, MONDAY))).toBe('2026-03-03T18:00');
  });
});

describe('the last end of a business day', () => {
  const eras = [{ from: MONDAY, hours: until('18:00') }];
  it('stands for all before it', () => expect(shown(lastEnd(eras, MONDAY, at('2026-03-06T10:00Z')))).toBe('2026-03-05T18:00'));
  it('is none when the one before it was recorded', () =>
    expect(lastEnd(eras, at('2026-03-05T18:00Z'), at('2026-03-06T10:00Z'))).toBeUndefined());
});

it('eras that are over by the last recorded end are forgotten', () => {
  const eras = [
    { from: MONDAY, hours: until('14:00') },
    { from: at('2026-03-04T10:00Z'), hours: until('18:00') },
  ];
  expect(stillOf(eras, at('2026-03-03T14:00Z'))).toEqual(eras);
  expect(stillOf(eras, at('2026-03-04T18:00Z'))).toEqual(eras.slice(1));
});
