import { describe, expect, it } from 'vitest';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import { retiredQueues } from '../../src/processes/retired-queues.ts';
import { samples } from '../eventstore/samples.ts';
import { memoryLog } from '../live/log.ts';
import { owed } from './owed.ts';

type Step = { readonly on: string; readonly event: DomainEvent };
const at = (minute: number): string => `2026-03-02T10:0${minute}:00.000Z`;
const booked = (id: string, minute: number): Step => ({
  ...{ on: `callback-${id}` },
  event: { type: 'CallbackBooked', data: { ...samples.CallbackBooked, queue: 'sales', at: at(minute) } },
});
const completed = (id: string, minute: number): Step => ({
  ...{ on: `callback-${id}` },
  event: { type: 'CallbackCompleted', data: { ...samples.CallbackCompleted, queue: 'sales', at: at(minute) } },
});
const cancelled = (id: string, minute: number): Step => ({
  ...{ on: `callback-${id}` },
  event: { type: 'CallbackCancelled', data: { ...samples.CallbackCancelled, queue: 'sales', at: at(minute) } },
});
const onRow = (event: DomainEvent): Step => ({ on: 'configuration', event });
const retired = (minute: number): Step =>
  onRow({ type: 'QueueRetired', data: { queue: 'sales', settings: {}, lastValues: {}, openCallbacks: 1, at: at(minute) } });
const reinstated = onRow({ type: 'QueueReinstated', data: { queue: 'sales', settings: {}, at: at(8) } });
const deleted = onRow({ type: 'QueueDeleted', data: { queue: 'sales', settings: {}, at: at(9) } });

const owedAfter = (...steps: readonly Step[]) => {
  const log = memoryLog();
  return owed(
    retiredQueues,
    steps.flatMap(({ on, event }) => log.append(on, event)),
    'sales',
  );
};
const deletion = (anchor: string) => ({
  delete: { group: 'retired-queue', anchor, command: { type: 'DeleteRetiredQueue', queue: 'sales' } },
});

describe('the row of a retired queue', () => {
  it('goes when the last of its callbacks is over, however it ends', () => {
    const open = [booked('a', 1), booked('b', 2), retired(3), completed('b', 4)];
    expect(owedAfter(...open)).toEqual({});
    expect(owedAfter(...open, cancelled('a', 5))).toEqual(deletion(at(5)));
  });
  it('goes at once when the last was over before it was retired', () =>
    expect(owedAfter(booked('a', 1), completed('a', 2), retired(3))).toEqual(deletion(at(3))));
  it('waits for a booking that was under way when it was retired', () => {
    const late = [booked('a', 1), retired(2), completed('a', 3), booked('b', 3)];
    expect(owedAfter(...late)).toEqual({});
    expect(owedAfter(...late, completed('b', 4))).toEqual(deletion(at(4)));
  });
  it('stays when it takes bookings again, and is deleted once', () => {
    expect(owedAfter(booked('a', 1), retired(2), completed('a', 3), reinstated)).toEqual({});
    expect(owedAfter(booked('a', 1), retired(2), completed('a', 3), deleted)).toEqual({});
  });
  it('of a queue that is in use stays', () => expect(owedAfter(booked('a', 1), completed('a', 2))).toEqual({}));
});
