import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookCallback } from '../../src/commands/book.ts';
import { placeTaker } from '../../src/commands/places.ts';
import type { OwnSettings } from '../../src/domain/configuration/columns.ts';
import type { ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import { type Configuration, evolve, initialConfiguration } from '../../src/domain/configuration/state.ts';
import { slotsOf } from '../../src/domain/places/queue-slots.ts';
import type { CapacityRule } from '../../src/domain/rules/capacity-rule.ts';
import { placesView } from '../../src/live/places.ts';
import { freeSlots } from '../../src/service/free-slots.ts';
import { slotDays } from '../../src/service/slot-days.ts';
import { type Desk, NOW, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const at = '2026-03-02T10:00:00.000Z';
/** Monday 2026-03-02, as the clocks of Kathmandu show it: UTC and 5:45. */
const kathmandu = (time: string): number => Date.parse(`2026-03-02T${time}:00.000+05:45`);

/** A queue in Kathmandu, open around the clock, with a capacity rule. */
const configurationWith = (queue: string, rule: CapacityRule, settings: OwnSettings = {}): Configuration => {
  const week = Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [day, 'all-day' as const]));
  const hours = { zone: 'Asia/Kathmandu', weekly: week, exceptions: [], holidays: [] };
  const events: ConfigurationEvent[] = [
    { type: 'BusinessHoursCreated', data: { name: 'nepal', hours, at } },
    { type: 'QueueCreated', data: { queue, settings: { businessHours: 'nepal', slotCapacity: 5, ...settings }, at } },
    { type: 'CapacityRuleCreated', data: { name: 'week', rule, at } },
    { type: 'CapacityRuleAssigned', data: { queue, name: 'week', before: null, at } },
  ];
  return events.reduce((state, event, index) => evolve(state, { event, revision: BigInt(index), by: 'ann' }), initialConfiguration);
};
const rule: CapacityRule = {
  duration: 30,
  days: { mon: { '18:00': 2, '18:30': 1 } },
  exceptions: [{ date: '2026-03-09', values: { '18:00': 4 } }],
};

describe('a capacity rule', () => {
  it('gives every slot that starts in a time slot its value, by the clocks of the queue’s calendar', () => {
    const slots = slotsOf(configurationWith('q', rule), 'q');
    const capacity = (time: string) => slots?.capacityOf(slots.slotAt(kathmandu(time)));
    expect(['17:45', '18:00', '18:15', '18:29', '18:30', '18:45', '19:00'].map(capacity)).toEqual([0, 2, 2, 2, 1, 1, 0]);
  });
  it('gives an hour’s slot the value at its start', () => {
    const slots = slotsOf(configurationWith('q', rule, { slotDurationMinutes: 60 }), 'q');
    expect(slots?.capacityOf(slots.slotAt(kathmandu('18:45')))).toBe(2);
  });
  it('gives way to its exception for the whole of a date', () => {
    const slots = slotsOf(configurationWith('q', rule), 'q');
    const capacity = (instant: number) => slots?.capacityOf(slots.slotAt(instant));
    expect(capacity(kathmandu('18:00') + 7 * 86_400_000)).toBe(4);
    expect(capacity(kathmandu('18:30') + 7 * 86_400_000)).toBe(0);
    expect(capacity(kathmandu('18:00') + 14 * 86_400_000)).toBe(2);
  });
  it('gives the two slots of a repeated hour the same value', () => {
    const winter = '2026-10-25'; // 02:00 comes twice in Paris
    const paris = { zone: 'Europe/Paris', weekly: { sun: 'all-day' as const }, exceptions: [], holidays: [] };
    const state = evolve(configurationWith('q', { duration: 60, days: { sun: { '02:00': 7 } }, exceptions: [] }), {
      event: { type: 'BusinessHoursCreated', data: { name: 'nepal', hours: paris, at } },
      ...{ revision: 9n, by: 'ann' },
    });
    const slots = slotsOf(state, 'q');
    const capacity = (time: string) => slots?.capacityOf(slots.slotAt(Date.parse(`${winter}T${time}:00.000Z`)));
    expect(['00:00', '00:45', '01:00', '01:45', '02:00'].map(capacity)).toEqual([7, 7, 7, 7, 0]);
  });

  it('decides on a checked booking as it says at that moment, and is passed over by one that isn’t checked', async () => {
    const { deps, queue, request, store } = desk.deskFor();
    let configuration = configurationWith(queue, rule);
    const current = () => configuration;
    const ruled = { ...deps, configuration: current, places: placeTaker(store, current) };
    const book = async (alwaysCheckCapacity: boolean) => {
      const wish = request({ desiredTime: kathmandu('18:40'), alwaysCheckCapacity });
      const booked = await bookCallback(ruled, wish, desk.context());
      return booked.ok || booked.refusal.code;
    };
    expect(await book(true)).toBe(true);
    expect(await book(true)).toBe('SLOT_FULL');
    expect(await book(false)).toBe(true);
    configuration = configurationWith(queue, { ...rule, days: { mon: { '18:30': 3 } } });
    expect([await book(true), await book(true)]).toEqual([true, 'SLOT_FULL']);
    configuration = configurationWith(queue, { ...rule, days: {} });
    expect(await book(true)).toBe('SLOT_FULL');
  });

  it('says how much is left of proposed slots, and proposes none without capacity', () => {
    const places = placesView();
    const wish = { queue: 'q', around: kathmandu('18:10'), count: 20, now: NOW };
    const free = (configuration: Configuration) =>
      freeSlots(
        slotDays(() => configuration, places),
        wish,
      ).map(({ utcTime, capacity }) => [utcTime, capacity]);
    places.seed('q', 'h-1', { callbackId: 'c-1', instant: kathmandu('18:05') });
    const utc = (time: string, days = 0) => new Date(kathmandu(time) + days * 86_400_000).toISOString();
    const proposed = free(configurationWith('q', rule));
    expect(proposed.slice(0, 4)).toEqual([
      [utc('18:00'), 1],
      [utc('18:15'), 2],
      [utc('18:30'), 1],
      [utc('18:45'), 1],
    ]);
    expect(proposed.slice(4)).toEqual([
      [utc('18:00', 7), 4],
      [utc('18:15', 7), 4],
      [utc('18:00', 14), 2],
    ]);
    expect(free(configurationWith('q', { ...rule, days: {}, exceptions: [] }))).toEqual([]);
  });
});
