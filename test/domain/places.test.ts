import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accumulate, load, type PlacesCommand, places } from '../../src/domain/places/decider.ts';
import type { PlacesEvent } from '../../src/domain/places/events.ts';
import { slotOf } from '../../src/domain/time/slots.ts';
import { given } from '../support/given.ts';

const placesAfter = given(places);
const queue = 'sales';
const instant = '2026-03-02T10:05:00.000Z';
const now = '2026-03-02T09:00:00.000Z';
const slot = slotOf(Date.parse(instant), 15, 'UTC');
const day = '2026-03-02';

const taken = (holdId: string, at = instant, checked = true): PlacesEvent => ({
  type: 'PlaceTaken',
  data: { queue, callbackId: `c-${holdId}`, holdId, instant: at, day, checked, decidedAt: null, at: now },
});
const back = (holdId: string): PlacesEvent => ({
  type: 'PlaceGivenBack',
  data: { queue, callbackId: `c-${holdId}`, holdId, instant, because: 'CANCELLED', at: now },
});
const take = (holdId: string, capacity: number | null, neighbours = 0): PlacesCommand => ({
  ...{ type: 'TakePlace', queue, callbackId: `c-${holdId}`, holdId, instant, day, decidedAt: null, now },
  check: capacity === null ? null : { slot, capacity, neighbours },
});
const giveBack = (holdId: string): PlacesCommand => ({
  ...{ type: 'GiveBackPlace', queue, callbackId: `c-${holdId}`, holdId, instant, because: 'CANCELLED', now },
});

describe('a place', () => {
  it('is taken while its slot has one left', () => {
    placesAfter(taken('a')).when(take('b', 2)).then(taken('b'));
    placesAfter(taken('a'), taken('b')).when(take('c', 2)).refused({ code: 'SLOT_FULL' });
  });
  it('is free again once it is given back', () => placesAfter(taken('a'), back('a')).when(take('b', 1)).then(taken('b')));
  it('of a slot without capacity is refused', () => placesAfter().when(take('a', 0)).refused({ code: 'SLOT_FULL' }));
  it('taken without looking may overfill, and counts', () => {
    placesAfter(taken('a'))
      .when(take('b', null))
      .then(taken('b', instant, false));
    placesAfter(taken('a', instant, false))
      .when(take('b', 1))
      .refused({ code: 'SLOT_FULL' });
  });
  it('held in the adjoining day counts too', () =>
    placesAfter()
      .when(take('a', 1, 1))
      .refused({ code: 'SLOT_FULL' }));
  it('that the same callback holds does not count: it will keep one', () => {
    const mine = { ...taken('b'), data: { ...taken('b').data, callbackId: 'c-a' } } as PlacesEvent; // the same type
    placesAfter(taken('a'))
      .when({ ...take('b', 1), callbackId: 'c-a' })
      .then(mine);
    expect(load(placesAfter(taken('a'), mine).state, slot)).toBe(1);
    placesAfter(taken('a'), mine).when(take('c', 2)).then(taken('c'));
  });
  it('in another slot does not count', () => {
    for (const other of ['2026-03-02T09:59:59.999Z', '2026-03-02T10:15:00.000Z'])
      placesAfter(taken('a', other)).when(take('b', 1)).then(taken('b'));
  });
  it('is taken once, and given back once', () => {
    placesAfter(taken('a')).when(take('a', 1)).nothing();
    placesAfter(taken('a')).when(giveBack('a')).then(back('a'));
    placesAfter(taken('a'), back('a')).when(giveBack('a')).nothing();
    placesAfter().when(giveBack('a')).nothing();
  });
});

describe('whoever comes and goes', () => {
  const step = fc.tuple(fc.constantFrom(...'abcdefgh'), fc.boolean());
  it('checked places never overbook a slot', () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), fc.integer({ min: 0, max: 4 }), (steps, capacity) => {
        let state = places.initial;
        for (const [id, takes] of steps) {
          const decision = places.decide(takes ? take(id, capacity) : giveBack(id), state);
          if (decision.ok) state = decision.events.reduce(places.evolve, state);
          expect(load(state, slot)).toBeLessThanOrEqual(capacity);
        }
      }),
    ));
  it('folding in one go gives what folding one by one does', () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const events = steps.map(([id, takes]) => (takes ? taken(id) : back(id)));
        const held = new Map(places.initial);
        for (const event of events) accumulate(held, event);
        expect(held).toEqual(events.reduce(places.evolve, places.initial));
      }),
    ));
  it('a changed duration counts the holds that lie inside the slot of today', () => {
    const state = [taken('a', '2026-03-02T10:01:00.000Z'), taken('b', '2026-03-02T10:31:00.000Z')].reduce(places.evolve, places.initial);
    expect([5, 15, 30, 60].map((minutes) => load(state, slotOf(Date.parse('2026-03-02T10:01:00.000Z'), minutes, 'UTC')))).toEqual([
      1, 1, 1, 2,
    ]);
  });
});
