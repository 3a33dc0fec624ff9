import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, slotOf } from '../../src/domain/time/slots.ts';

const durations = [5, 10, 15, 20, 30, 60, 120];
const at = (text: string) => Date.parse(text);
const slot = (text: string, minutes: number, zone = 'UTC') => {
  const { start, end } = slotOf(at(text), minutes, zone);
  return [start, end].map((instant) => new Date(instant).toISOString().slice(11, 16)).join('–');
};

describe('a slot', () => {
  it.each([
    [5, '10:55–11:00'],
    [10, '10:50–11:00'],
    [15, '10:45–11:00'],
    [20, '10:40–11:00'],
    [30, '10:30–11:00'],
    [60, '10:00–11:00'],
    [120, '10:00–12:00'],
  ])('of %i minutes holds 10:59 as %s', (minutes, expected) => expect(slot('2026-03-02T10:59:59.999Z', minutes)).toBe(expected));
  it('of two hours begins at an even one', () => expect(slot('2026-03-02T11:00:00.000Z', 120)).toBe('10:00–12:00'));
  it('begins with its first instant', () => expect(slot('2026-03-02T10:15:00.000Z', 15)).toBe('10:15–10:30'));
  it('is aligned to the hour of the zone', () => {
    expect(slot('2026-03-02T10:20:00.000Z', 60, 'Asia/Kathmandu')).toBe('10:15–11:15');
    expect(slot('2026-03-02T10:20:00.000Z', 60, 'Asia/Kolkata')).toBe('09:30–10:30');
  });
  it('holds its instant, and the slots of a zone without leaps lie side by side', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: at('2100-01-01') }),
        fc.constantFrom(...durations),
        fc.constantFrom('UTC', 'Asia/Kolkata'),
        (instant, minutes, zone) => {
          const found = slotOf(instant, minutes, zone);
          expect(found.start).toBeLessThanOrEqual(instant);
          expect(found.end).toBeGreaterThan(instant);
          expect(found.end - found.start).toBe(minutes * 60_000);
          for (const inside of [found.start, found.end - 1]) expect(slotOf(inside, minutes, zone)).toEqual(found);
          expect(slotOf(found.end, minutes, zone).start).toBe(found.end);
        },
      ),
    ));
  it('of an hour that is repeated comes twice, each its own instant', () => {
    expect([slot('2026-10-25T00:20:00.000Z', 30, 'Europe/Paris'), slot('2026-10-25T01:20:00.000Z', 30, 'Europe/Paris')]).toEqual([
      ...['00:00–00:30', '01:00–01:30'],
    ]);
    const [first, second] = ['2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z'];
    expect([slot(first, 15, 'Australia/Lord_Howe'), slot(second, 15, 'Australia/Lord_Howe')]).toEqual(['14:45–15:00', '15:15–15:30']);
  });
  it('belongs to the UTC day of its start', () =>
    expect(dayOf(slotOf(at('2026-03-02T00:05:00.000Z'), 60, 'Asia/Kathmandu').start)).toBe('2026-03-01'));
});
