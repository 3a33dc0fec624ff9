import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../src/domain/configuration/state.ts';
import { type HeldAt, load } from '../../src/domain/places/decider.ts';
import { slotsOf } from '../../src/domain/places/queue-slots.ts';
import { dayOf, type Slot } from '../../src/domain/time/slots.ts';
import { DAY_MS } from '../../src/domain/time/zone.ts';
import { placesView } from '../../src/live/places.ts';
import { slotDays } from '../../src/service/slot-days.ts';
import { type Cut, configurationOf } from '../commands/cuts.ts';

const MONDAY = Date.parse('2026-03-02T00:00:00.000Z') / DAY_MS;
const cuts = fc.record({
  zone: fc.constantFrom('UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe'),
  slotDurationMinutes: fc.constantFrom(15, 60, 120),
  slotCapacity: fc.integer({ min: 0, max: 3 }),
});
const monday: Cut = { zone: 'UTC', slotDurationMinutes: 60, slotCapacity: 2 };

/** A queue's days, with its configuration and places to be changed. */
const open = (first: Cut) => {
  let configuration: Configuration = configurationOf('sales', first);
  const places = placesView();
  const days = slotDays(() => configuration, places);
  const held = new Map<string, HeldAt>();
  let taken = 0;
  const day = (which: number) => {
    const found = days('sales');
    if (found === undefined) throw new Error('there is the queue');
    return found.onDay(which);
  };
  const give = (holdId: string, { callbackId, instant }: HeldAt) => {
    const data = { queue: 'sales', callbackId, holdId, instant: new Date(instant).toISOString(), because: 'CANCELLED' as const };
    places.apply({
      ...{ type: 'PlaceGivenBack', data: { ...data, at: new Date(MONDAY * DAY_MS).toISOString() }, id: holdId, streamId: 'places' },
      ...{ revision: 0n, position: 0n },
      metadata: { version: 1, correlationId: 'r', causationId: 'r', commandId: 'm', actor: { kind: 'user', id: 'a', name: 'a' } },
    });
    held.delete(holdId);
  };
  return {
    ...{ day, days, held, give },
    cut: (cut: Cut) => {
      configuration = configurationOf('sales', cut);
    },
    /** A change of something that isn't this queue's. */
    touch: () => {
      configuration = { ...configuration };
    },
    take: (instant: number, callbackId = `callback-${taken}`) => {
      const one = { callbackId, instant };
      places.seed('sales', `hold-${taken}`, one);
      held.set(`hold-${taken++}`, one);
    },
    takeElsewhere: (instant: number) => places.seed('support', `other-${taken++}`, { callbackId: 'other', instant }),
    /** What a look at every minute of the day comes to. */
    expected: (which: number) => {
      const slots = slotsOf(configuration, 'sales');
      if (slots === undefined) throw new Error('there is the queue');
      const found = new Map<number, Slot>();
      for (let at = which * DAY_MS; at < (which + 1) * DAY_MS; at += 5 * 60_000) {
        const slot = slots.slotAt(at);
        if (slot.start >= which * DAY_MS && slots.isOpen(slot)) found.set(slot.start, slot);
      }
      const all = [...found.values()];
      return {
        slots: all,
        totals: all.map(slots.capacityOf),
        left: all.map((slot) => Math.max(0, slots.capacityOf(slot) - load(held, slot))),
      };
    },
  };
};

describe('the days of a queue', () => {
  it('are what a look at every slot and place comes to, after whatever changed', () =>
    fc.assert(
      fc.property(
        cuts,
        fc.array(
          fc.oneof(
            fc.record({ do: fc.constant('take' as const), minute: fc.integer({ min: -300, max: 4_000 }), who: fc.nat(8) }),
            fc.record({ do: fc.constant('give' as const), which: fc.nat(20) }),
            fc.record({ do: fc.constant('cut' as const), cut: cuts }),
            fc.record({ do: fc.constant('look' as const), day: fc.nat(2) }),
          ),
          { maxLength: 30, size: 'max' },
        ),
        (first, steps) => {
          const queue = open(first);
          for (const step of steps) {
            if (step.do === 'take') queue.take(MONDAY * DAY_MS + step.minute * 60_000, `callback-${step.who}`);
            else if (step.do === 'cut') queue.cut(step.cut);
            else if (step.do === 'look') expect(queue.day(MONDAY + step.day)).toEqual(queue.expected(MONDAY + step.day));
            else {
              const one = [...queue.held][step.which % Math.max(1, queue.held.size)];
              if (one !== undefined) queue.give(...one);
            }
          }
          for (const day of [0, 1, 2]) expect(queue.day(MONDAY + day)).toEqual(queue.expected(MONDAY + day));
        },
      ),
      { numRuns: 150 },
    ));

  it('are the same object as long as nothing of them changes, whatever else does', () => {
    const queue = open(monday);
    const [first, second] = [queue.day(MONDAY), queue.day(MONDAY + 1)];
    queue.touch();
    queue.takeElsewhere(MONDAY * DAY_MS);
    expect([queue.day(MONDAY), queue.day(MONDAY + 1)].map((day, index) => day === [first, second][index])).toEqual([true, true]);
    queue.take(MONDAY * DAY_MS + 60_000);
    expect(queue.day(MONDAY)).not.toBe(first);
    expect(queue.day(MONDAY + 1)).toBe(second);
    queue.cut({ ...monday, slotCapacity: 3 });
    expect(queue.day(MONDAY + 1)).not.toBe(second);
  });

  it('are none of a queue that is not there', () => {
    expect(open(monday).days('nowhere')).toBeUndefined();
    expect(dayOf(MONDAY * DAY_MS)).toBe('2026-03-02');
  });
});
