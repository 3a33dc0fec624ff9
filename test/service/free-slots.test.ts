import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import type { BusinessHours } from '../../src/domain/configuration/events.ts';
import { type Slot, slotOf } from '../../src/domain/time/slots.ts';
import { configurationView } from '../../src/live/configuration.ts';
import { type PlacesView, placesView } from '../../src/live/places.ts';
import { freeSlots } from '../../src/service/free-slots.ts';
import { slotDays } from '../../src/service/slot-days.ts';
import { memoryLog } from '../live/log.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const now = Date.parse('2026-03-02T10:05:00.000Z');
const at = iso(now);

type Cut = {
  readonly slotCapacity: number;
  readonly slotDurationMinutes: number;
  readonly zone: string;
  readonly weekly?: BusinessHours['weekly'];
};
const quarters: Cut = { slotCapacity: 1, slotDurationMinutes: 15, zone: 'UTC' };

const allWeek = { mon: 'all-day', tue: 'all-day', wed: 'all-day', thu: 'all-day', fri: 'all-day', sat: 'all-day', sun: 'all-day' } as const;

const configured = ({ zone, weekly = allWeek, ...settings }: Cut) => {
  const view = configurationView();
  const events: DomainEvent[] = [
    { type: 'BusinessHoursCreated', data: { name: 'always', hours: { zone, weekly, exceptions: [], holidays: [] }, at } },
    { type: 'QueueCreated', data: { queue: 'sales', settings: { ...settings, businessHours: 'always' }, at } },
  ];
  for (const event of memoryLog().append('configuration', ...events)) view.apply(event);
  return view.current();
};
const held = (instants: readonly number[]): PlacesView => {
  const view = placesView();
  for (const [index, instant] of instants.entries()) view.seed('sales', `hold-${index}`, { callbackId: `callback-${index}`, instant });
  return view;
};
const propose = (cut: Cut, places: PlacesView, { around = now, count = 10, queue = 'sales' } = {}) => {
  const configuration = configured(cut);
  return freeSlots(
    slotDays(() => configuration, places),
    { queue, around, count, now },
  );
};
const timesOf = (slots: readonly { utcTime: string }[]) => slots.map(({ utcTime }) => utcTime.slice(8, 16));

describe('the free slots that are proposed', () => {
  it('are the nearest to the wished time, nearest first, the later of two that are as near', () => {
    const around = Date.parse('2026-03-03T12:00:00.000Z');
    expect(timesOf(propose(quarters, held([around]), { around, count: 5 }))).toEqual([
      ...['03T12:15', '03T11:45', '03T12:30', '03T11:30', '03T12:45'],
    ]);
  });

  it('have not begun, and say how many places are left', () => {
    const cut = { ...quarters, slotCapacity: 3 };
    const first = Date.parse('2026-03-02T10:15:00.000Z');
    expect(propose(cut, held([first, first + 14 * MINUTE]), { count: 2 })).toEqual([
      { utcTime: '2026-03-02T10:15:00.000Z', capacity: 1 },
      { utcTime: '2026-03-02T10:30:00.000Z', capacity: 3 },
    ]);
  });

  it('count a callback once that holds two places of a slot, as it does while it moves', () => {
    const first = Date.parse('2026-03-02T10:15:00.000Z');
    const places = held([first]);
    places.seed('sales', 'hold-moved', { callbackId: 'callback-0', instant: first + 5 * MINUTE });
    expect(propose({ ...quarters, slotCapacity: 3 }, places, { count: 1 })).toEqual([{ utcTime: iso(first), capacity: 2 }]);
  });

  it('count a place by its instant, whatever slot it was taken in, also across midnight', () => {
    const kathmandu = { slotCapacity: 2, slotDurationMinutes: 60, zone: 'Asia/Kathmandu' }; // slots begin at :15 UTC
    const around = Date.parse('2026-03-02T23:30:00.000Z');
    const both = held([around, Date.parse('2026-03-03T00:10:00.000Z')]);
    expect(timesOf(propose(kathmandu, both, { around, count: 2 }))).toEqual(['03T00:15', '02T22:15']);
  });

  it('are none of a queue without capacity, or that is not there', () => {
    expect(propose({ ...quarters, slotCapacity: 0 }, held([]))).toEqual([]);
    expect(propose(quarters, held([]), { queue: 'nowhere' })).toEqual([]);
  });

  it('are open as they begin, and closed ones between are passed over', () => {
    const weekly = { mon: [['09:50', '10:31']], tue: [['23:40', '00:10']] } satisfies BusinessHours['weekly'];
    expect(timesOf(propose({ ...quarters, weekly }, held([]), { count: 5 }))).toEqual([
      ...['02T10:15', '02T10:30', '03T23:45', '04T00:00', '09T10:00'],
    ]);
    expect(propose({ ...quarters, weekly: {} }, held([]))).toEqual([]);
  });

  it('are looked for two weeks both ways, over places that are read once a day', () => {
    const cut = { slotCapacity: 1, slotDurationMinutes: 5, zone: 'Europe/Paris' };
    const around = now + 20 * DAY;
    const places = held(Array.from({ length: (40 * DAY) / (5 * MINUTE) }, (_, index) => now + index * 5 * MINUTE));
    const days: string[] = [];
    const watched = {
      ...places,
      heldOn: (queue: string, day: string) => {
        days.push(day);
        return places.heldOn(queue, day);
      },
    };
    expect(propose(cut, watched, { around })).toEqual([]);
    expect(new Set(days).size).toBe(days.length);
    expect([days.length, [...days].sort().at(0), [...days].sort().at(-1)]).toEqual([29, '2026-03-08', '2026-04-05']);
  });

  it('are those of looking at every slot in reach', () =>
    fc.assert(
      fc.property(
        fc.record({
          slotCapacity: fc.integer({ min: 0, max: 3 }),
          slotDurationMinutes: fc.constantFrom(15, 20, 60, 120),
          zone: fc.constantFrom('UTC', 'Asia/Kathmandu', 'Europe/Paris'),
        }),
        fc.array(fc.integer({ min: -600, max: 3_000 }), { maxLength: 200 }),
        fc.integer({ min: -2, max: 2_000 }),
        fc.integer({ min: 1, max: 12 }),
        (cut, minutes, wishedIn, count) => {
          const instants = minutes.map((minute) => now + minute * MINUTE);
          const around = now + wishedIn * MINUTE;
          const slotAt = (instant: number) => slotOf(instant, cut.slotDurationMinutes, cut.zone);
          const wished = slotAt(around);
          const distance = ({ start }: Slot) => (start === wished.start ? 0 : Math.abs(start - around));
          const all: Slot[] = [];
          for (let slot = slotAt(now); slot.start <= around + 14 * DAY; slot = slotAt(slot.end)) if (slot.start > now) all.push(slot);
          const left = ({ start, end }: Slot) => cut.slotCapacity - instants.filter((one) => one >= start && one < end).length;
          const expected = all
            .filter((slot) => left(slot) > 0)
            .sort((a, b) => distance(a) - distance(b) || b.start - a.start)
            .slice(0, count)
            .map((slot) => ({ utcTime: iso(slot.start), capacity: left(slot) }));
          expect(propose(cut, held(instants), { around, count })).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    ));
});
