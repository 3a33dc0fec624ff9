import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookCallback } from '../../src/commands/book.ts';
import { cancelCallback } from '../../src/commands/cancel.ts';
import { placeTaker } from '../../src/commands/places.ts';
import { rescheduleCallback } from '../../src/commands/reschedule.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import type { Recorded } from '../../src/domain/kit/events.ts';
import { type HeldAt, load, type Places, placesStream } from '../../src/domain/places/decider.ts';
import { slotsOf } from '../../src/domain/places/queue-slots.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { all } from '../eventstore/door.ts';
import { type Cut, configurationOf } from './cuts.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const MINUTE = 60_000;
/** Around this midnight everything happens: its clocks show 23:00 to 02:00 UTC. */
const MIDNIGHT = Date.parse('2026-03-04T00:00:00.000Z');
const DAYS = ['2026-03-03', '2026-03-04'];

const wednesdays = { days: { tue: { '22:00': 2, '23:30': 1 }, wed: { '00:00': 3, '04:30': 1, '05:30': 2 } }, exceptions: [] };
const cuts: fc.Arbitrary<Cut> = fc
  .record(
    {
      zone: fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Australia/Lord_Howe'),
      slotDurationMinutes: fc.constantFrom(5, 20, 60),
      slotCapacity: fc.integer({ min: 0, max: 3 }),
      rule: fc.option(fc.constant({ ...wednesdays, duration: 30 as const }), { nil: undefined, freq: 4 }),
    },
    { requiredKeys: ['zone', 'slotDurationMinutes', 'slotCapacity'] },
  )
  .map(({ rule, ...cut }) => (rule === undefined ? cut : { ...cut, rule }));
const times = fc.integer({ min: -60, max: 120 }).map((minute) => MIDNIGHT + minute * MINUTE);

/** Cuts that disagree on which day's slots the minutes around midnight are in. */
const disagreeing: fc.Arbitrary<Cut> = fc
  .tuple(
    fc.constantFrom<Pick<Cut, 'zone' | 'slotDurationMinutes'>>(
      { zone: 'Asia/Kathmandu', slotDurationMinutes: 60 },
      { zone: 'America/St_Johns', slotDurationMinutes: 60 },
      { zone: 'UTC', slotDurationMinutes: 30 },
      { zone: 'UTC', slotDurationMinutes: 120 },
    ),
    fc.integer({ min: 1, max: 2 }),
  )
  .map(([cut, slotCapacity]) => ({ ...cut, slotCapacity }));
const atMidnight = fc.integer({ min: -20, max: 14 }).map((minute) => MIDNIGHT + minute * MINUTE);

const checked = fc.boolean().map((unchecked) => !unchecked);
const booksAt = (at: fc.Arbitrary<number>) => fc.record({ do: fc.constant('book' as const), at, checked });
const movesTo = (at: fc.Arbitrary<number>) => fc.record({ do: fc.constant('move' as const), which: fc.nat(20), at, checked });
const cancels = fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) });
const changes = fc.record({ do: fc.constant('cut' as const), cut: cuts });

/** A queue with nodes, each cutting time by itself. `wrapped` is the store as a node sees it. */
const openQueue = (first: readonly Cut[], wrapped: (store: EventStore) => EventStore = (store) => store) => {
  const { deps, queue, request } = desk.deskFor();
  const nodes = first.map((cut, index) => {
    let configuration = configurationOf(queue, cut);
    const store = wrapped(deps.store);
    const current = () => configuration;
    const newId = () => `${index}-${randomUUID()}`;
    const own = { ...deps, store, newId, configuration: current, places: placeTaker(store, current) };
    return {
      cut: (now: Cut) => {
        configuration = configurationOf(queue, now);
      },
      book: async (desiredTime: number, alwaysCheckCapacity: boolean) => {
        const booked = await bookCallback(own, request({ desiredTime, alwaysCheckCapacity }), desk.context());
        return booked.ok ? { id: booked.id } : { refused: booked.refusal.code };
      },
      move: async (id: string, desiredTime: number, asked: boolean) => {
        const moved = await rescheduleCallback(own, id, { desiredTime, checked: asked }, desk.context());
        return moved.ok ? 'moved' : moved.refusal.code;
      },
      cancel: async (id: string) => {
        const cancelled = await cancelCallback(own, id, 'client', desk.context());
        return cancelled.ok ? 'cancelled' : cancelled.refusal.code;
      },
    };
  });
  const log = async (): Promise<readonly Recorded<DomainEvent>[]> => {
    const events = await Promise.all(DAYS.map((day) => all(desk.store.readStream(placesStream(queue, day)))));
    return events.flat().sort((a, b) => (a.position < b.position ? -1 : 1));
  };
  return { queue, nodes, log };
};

/** What is held after these events. */
const heldAfter = (events: readonly Recorded<DomainEvent>[]): Map<string, HeldAt> => {
  const held = new Map<string, HeldAt>();
  for (const { type, data } of events) {
    if (type === 'PlaceTaken') held.set(data.holdId, { callbackId: data.callbackId, instant: Date.parse(data.instant) });
    if (type === 'PlaceGivenBack') held.delete(data.holdId);
  }
  return held;
};

describe('whatever is booked, moved and cancelled, one after the other, while slots and capacity change', () => {
  it('is taken or refused as a plain list of times says, on whichever node', () =>
    fc.assert(
      fc.asyncProperty(
        cuts,
        fc.array(fc.oneof({ arbitrary: booksAt(times), weight: 4 }, movesTo(times), cancels, changes), { maxLength: 25, size: 'max' }),
        async (first, steps) => {
          const { queue, nodes, log } = openQueue([first, first]);
          const model = new Map<string, number>();
          let cut = first;
          const isFull = (at: number, but?: string): boolean => {
            const slots = slotsOf(configurationOf(queue, cut), queue);
            const slot = slots?.slotAt(at);
            if (!slots || !slot) throw new Error('there is the queue');
            const others = [...model].filter(([id, time]) => id !== but && time >= slot.start && time < slot.end);
            return others.length >= slots.capacityOf(slot);
          };
          const known = (which: number) => [...model.keys()][which % Math.max(1, model.size)];
          for (const [index, step] of steps.entries()) {
            const node = nodes[index % 2];
            if (step.do === 'cut') {
              cut = step.cut;
              for (const one of nodes) one.cut(cut);
            } else if (step.do === 'book') {
              const expected = step.checked && isFull(step.at);
              const booked = await node?.book(step.at, step.checked);
              if (expected) expect(booked).toEqual({ refused: 'SLOT_FULL' });
              else if (booked?.id === undefined) expect(booked).toEqual('a booking');
              else model.set(booked.id, step.at);
            } else {
              const id = known(step.which);
              if (id === undefined) continue;
              if (step.do === 'cancel') {
                expect(await node?.cancel(id)).toBe('cancelled');
                model.delete(id);
              } else {
                const stays = step.at !== model.get(id) && step.checked && isFull(step.at, id);
                expect(await node?.move(id, step.at, step.checked)).toBe(stays ? 'SLOT_FULL' : 'moved');
                if (!stays) model.set(id, step.at);
              }
            }
          }
          const held = [...heldAfter(await log()).values()].map(({ callbackId, instant }) => [callbackId, instant]);
          expect(held.sort()).toEqual([...model].sort());
        },
      ),
      { numRuns: 60 },
    ));
});

/** A store whose every step waits for its turn, before it is asked and before its answer is heard. */
const inTurns =
  (scheduler: fc.Scheduler) =>
  (store: EventStore): EventStore => {
    const turn = (label: string) => scheduler.schedule(Promise.resolve(), label);
    return {
      ...store,
      append: async (...args) => {
        await turn('append');
        const appended = await store.append(...args);
        await turn('appended');
        return appended;
      },
      readStream: async function* (...args) {
        await turn('read');
        const events = await all(store.readStream(...args));
        await turn('was read');
        yield* events;
      },
    };
  };

describe('whatever happens at once, in whatever order, on two nodes of which one may be behind with the configuration', () => {
  it('no checked place is kept that was taken in a full slot, and each callback holds one place, at its time', () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.oneof(
          disagreeing.map((cut) => [cut, cut] as const),
          fc.tuple(disagreeing, disagreeing),
        ),
        fc.array(atMidnight, { maxLength: 2 }),
        fc.array(fc.oneof({ arbitrary: booksAt(atMidnight), weight: 4 }, movesTo(atMidnight), cancels), { minLength: 2, maxLength: 8 }),
        async (scheduler, both, before, steps) => {
          const { queue, nodes, log } = openQueue(both, inTurns(scheduler));
          const booked = new Map<string, number>();
          const first = before.map(async (at, index) => {
            const one = await nodes[index % 2]?.book(at, false);
            if (one?.id !== undefined) booked.set(one.id, at);
          });
          await scheduler.waitFor(Promise.all(first));
          const ids = [...booked.keys()];
          const cancelled = new Set<string>();
          const running = steps.map(async (step, index) => {
            const node = nodes[index % 2];
            if (step.do === 'book') {
              const one = await node?.book(step.at, step.checked);
              if (one?.id !== undefined) booked.set(one.id, step.at);
              return;
            }
            const id = ids[step.which % Math.max(1, ids.length)];
            if (id === undefined) return;
            if (step.do === 'cancel') {
              if ((await node?.cancel(id)) === 'cancelled') cancelled.add(id);
            } else await node?.move(id, step.at, step.checked);
          });
          await scheduler.waitFor(Promise.all(running));

          const events = await log();
          const refused = new Set(
            events.flatMap(({ type, data }) => (type === 'PlaceGivenBack' && data.because === 'REFUSED' ? [data.holdId] : [])),
          );
          for (const [index, { type, data }] of events.entries()) {
            if (type !== 'PlaceTaken' || !data.checked || refused.has(data.holdId)) continue;
            const cut = both[Number(data.holdId[0])];
            const slots = cut && slotsOf(configurationOf(queue, cut), queue);
            const slot = slots?.slotAt(Date.parse(data.instant));
            if (!slots || !slot) throw new Error('there is the queue');
            const held: Places = heldAfter(events.slice(0, index));
            expect(load(held, slot, data.callbackId)).toBeLessThan(slots.capacityOf(slot));
          }
          const holds = [...heldAfter(events).values()];
          expect(holds.map(({ callbackId }) => callbackId).sort()).toEqual([...booked.keys()].filter((id) => !cancelled.has(id)).sort());
          for (const { callbackId, instant } of holds) {
            const history = await desk.historyOf(callbackId);
            const times = history.flatMap(({ data }) => ('desiredTime' in data ? [data.desiredTime] : []));
            expect(new Date(instant).toISOString()).toBe(times.at(-1));
          }
        },
      ),
      { numRuns: 120 },
    ));
});
