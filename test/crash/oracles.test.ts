import { describe, expect, it } from 'vitest';
import type { Recorded } from './support/contact-center.ts';
import { dialingFaults } from './support/dialing.ts';
import type { Fact } from './support/facts.ts';
import { NOBODYS_MS, placesFaults } from './support/places.ts';
import { entryFault } from './support/read-back.ts';

const place = (attempt: number, at: number, rings = true): Recorded => ({
  ...{ kind: 'place', at, attemptId: `c.${attempt}`, callbackId: 'c', placeBy: at + 1_000, rings, phoneNumber: '+1' },
});
const over = (attempt: number, at: number): Recorded => ({ kind: 'over', at, attemptId: `c.${attempt}`, how: 'BUSY' });

describe('what a crash test finds in the contact center’s record', () => {
  it('is an attempt that came twice, whatever became of it', () => {
    expect(dialingFaults([place(1, 0), over(1, 10), place(1, 20)], 5_000)).toHaveLength(1);
    expect(dialingFaults([place(1, 0, false), place(1, 20)], 5_000)).toHaveLength(1);
  });

  it('is a next attempt before the end of the last, its placeBy and the ring limit', () => {
    expect(dialingFaults([place(1, 0), place(2, 5_999)], 5_000)).toHaveLength(1);
    expect(dialingFaults([place(1, 0), place(2, 6_000)], 5_000)).toEqual([]);
    expect(dialingFaults([place(1, 0), over(1, 10), place(2, 20)], 5_000)).toEqual([]);
    expect(dialingFaults([place(1, 0, false), place(2, 20)], 5_000)).toEqual([]);
  });

  it('is a message that can’t be read', () => {
    expect(dialingFaults([{ kind: 'unreadable', at: 0 }], 5_000)).toHaveLength(1);
  });
});

const START = Date.parse('2026-03-02T10:00:00.000Z');
const iso = (ms: number) => new Date(START + ms).toISOString();
const taken = (holdId: string, at: number, checked = true): Fact => ({
  type: 'PlaceTaken',
  streamId: 'places-q-2026-03-02',
  data: { queue: 'q', callbackId: `of-${holdId}`, holdId, instant: iso(0), checked, at: iso(at) },
});
const givenBack = (holdId: string, at: number): Fact => ({ type: 'PlaceGivenBack', streamId: 'places', data: { holdId, at: iso(at) } });
const booked = (holdId: string, at: number): Fact => ({
  type: 'CallbackBooked',
  streamId: `callback-of-${holdId}`,
  data: { hold: { holdId }, at: iso(at) },
});
const options = { slotMs: 300_000, capacityOf: () => 1, kills: [] };

describe('what a crash test finds in the log', () => {
  it('is a checked booking in a full slot', () => {
    expect(placesFaults([taken('a', 0), booked('a', 1), taken('b', 2), booked('b', 3)], options)).toHaveLength(1);
    expect(placesFaults([taken('a', 0), booked('a', 1), taken('b', 2, false), booked('b', 3)], options)).toEqual([]);
    expect(placesFaults([taken('a', 0), booked('a', 1), givenBack('a', 2), taken('b', 3), booked('b', 4)], options)).toEqual([]);
  });

  it('is a place that nobody held for more than a minute', () => {
    expect(placesFaults([taken('a', 0), givenBack('a', NOBODYS_MS + 1)], options)).toHaveLength(1);
    expect(placesFaults([taken('a', 0), givenBack('a', NOBODYS_MS)], options)).toEqual([]);
    const late = [taken('a', 0), givenBack('a', NOBODYS_MS + 10)];
    expect(placesFaults(late, { ...options, kills: [START + 9] })).toHaveLength(1);
    expect(placesFaults(late, { ...options, kills: [START + 10] })).toEqual([]);
    expect(placesFaults([taken('a', 0), booked('a', 1), taken('b', NOBODYS_MS * 9, false)], options)).toEqual([]);
    const cancelled: Fact = { type: 'CallbackCancelled', streamId: 'callback-of-a', data: { givesBack: { holdId: 'a' }, at: iso(2) } };
    expect(placesFaults([taken('a', 0), booked('a', 1), cancelled, givenBack('z', NOBODYS_MS + 10)], options)).toHaveLength(1);
  });
});

describe('what a crash test finds in a callback that was acknowledged', () => {
  const entry = { id: 'c', queue: 'q', phoneNumber: '+1', isFar: false, desired: 'now', cancelled: 'no' } as const;
  const row = { id: 'c', callbackState: 'COMPLETED', callbackReason: 'AGENT', desiredTime: iso(0), phoneNumber: '+1', serviceName: 'q' };

  it('is that it is lost, open, somebody else’s, at another time, or ended otherwise than was answered', () => {
    expect(entryFault(entry, row)).toBeUndefined();
    expect(entryFault(entry, undefined)).toBeDefined();
    expect(entryFault(entry, { ...row, callbackState: 'QUEUED' })).toBeDefined();
    expect(entryFault(entry, { ...row, phoneNumber: '+2' })).toBeDefined();
    expect(entryFault({ ...entry, desired: [iso(1)] }, row)).toBeDefined();
    expect(entryFault({ ...entry, cancelled: 'yes' }, row)).toBeDefined();
    expect(entryFault(entry, { ...row, callbackReason: 'CANCELLED_BY_CLIENT' })).toBeDefined();
  });
});
