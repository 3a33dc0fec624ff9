import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accumulate, daysOf, load, type Places, type PlacesCommand, places } from '../../src/domain/places/decider.ts';
import type { PlacesEvent } from '../../src/domain/places/events.ts';
import { dayOf, slotOf } from '../../src/domain/time/slots.ts';
import { given } from '../support/given.ts';

const placesAfter = given(places);
const queue = 'sales';
const instant = '2026-03-02T10:05:00.000Z';
const now = '2026-03-02T09:00:00.000Z';
const slot = slotOf(Date.parse(instant), 15, 'UTC');
const day = '2026-03-02';
const zoneNames = fc.constantFrom('UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Santiago', 'Pacific/Apia', 'Antarctica/Casey');

const taken = (holdId: string, at = instant, checked = true): PlacesEvent => ({
  type: 'PlaceTaken',
  data: { queue, callbackId: `c-${holdId}`, holdId, instant: at, day, checked, decidedAt: null, at: now },
});
const back = (holdId: string): PlacesEvent => ({
  type: 'PlaceGivenBack',
  data: { queue, callbackId: `c-${holdId}`, holdId, instant, because: 'CANCELLED', at: now },
});
const take = (holdId: string, capacity: number | null, neighbours: Places = places.initial): PlacesCommand => ({
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
  it('on the adjoining day’s stream counts too, and a callback with one on both counts once', () => {
    const beside = placesAfter(taken('b')).state;
    placesAfter()
      .when(take('a', 1, beside))
      .refused({ code: 'SLOT_FULL' });
    const twice = { ...taken('c'), data: { ...taken('c').data, callbackId: 'c-b' } } as PlacesEvent; // the same type
    placesAfter(twice)
      .when(take('a', 2, beside))
      .then(taken('a'));
    const elsewhere = placesAfter(taken('b', '2026-03-02T10:15:00.000Z')).state;
    placesAfter()
      .when(take('a', 1, elsewhere))
      .then(taken('a'));
  });
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

describe('the days whose streams may hold places of a slot', () => {
  const daysAt = (instant: string, minutes: number, zone: string) => daysOf(slotOf(Date.parse(instant), minutes, zone));
  it('are that of its start alone, but near midnight', () => {
    expect(daysAt('2026-03-02T12:00:00.000Z', 60, 'Asia/Kathmandu')).toEqual(['2026-03-02']);
    expect(daysAt('2026-03-02T23:30:00.000Z', 60, 'Asia/Kathmandu')).toEqual(['2026-03-02', '2026-03-03']);
    expect(daysAt('2026-03-03T00:05:00.000Z', 15, 'UTC')).toEqual(['2026-03-02', '2026-03-03']);
  });
  it('hold each that may have been taken inside it, whatever time was cut into before', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 * 365 * 1_440 }).map((minute) => Date.UTC(1990, 0) + minute * 60_000),
        fc.integer({ min: 0, max: 250 * 60_000 }),
        fc.tuple(fc.constantFrom(5, 20, 60, 120), zoneNames),
        fc.tuple(fc.constantFrom(5, 20, 60, 120), zoneNames),
        (at, later, [minutes, zone], [minutesBefore, zoneBefore]) => {
          const today = slotOf(at, minutes, zone);
          const held = today.start + (later % (today.end - today.start));
          const before = slotOf(held, minutesBefore, zoneBefore);
          expect(daysOf(today)).toContain(dayOf(before.start));
          expect(daysOf(today).length).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 2_000 },
    ));
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
