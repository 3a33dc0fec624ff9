import { describe, it } from 'vitest';
import { operations } from '../../src/domain/operations/decider.ts';
import type { OperationsEvent } from '../../src/domain/operations/events.ts';
import { given } from '../support/given.ts';

const NOW = '2026-03-02T10:00:00.000Z';
const parked = { process: 'attempt_limits', instance: 'c-1', entry: 'report', cause: 'e-1' };
const retry = { type: 'RetryEntry', parked, isParked: true, now: NOW } as const;
const drop = { ...retry, type: 'DropEntry' } as const;
const retried: OperationsEvent = { type: 'ParkedEntryRetried', data: { ...parked, at: NOW } };
const dropped: OperationsEvent = { type: 'ParkedEntryDropped', data: { ...parked, at: NOW } };
const decided = given(operations);

describe('an operator’s decision about what is parked', () => {
  it('is recorded', () => {
    decided().when(retry).then(retried);
    decided().when(drop).then(dropped);
  });
  it('holds: its repeat does nothing, and the other one is refused', () => {
    for (const isParked of [true, false]) {
      decided(retried)
        .when({ ...retry, isParked })
        .nothing();
      decided(retried)
        .when({ ...drop, isParked })
        .refused({ code: 'ENTRY_NOT_PARKED' });
      decided(dropped)
        .when({ ...retry, isParked })
        .refused({ code: 'ENTRY_NOT_PARKED' });
    }
  });
  it('is refused for what isn’t parked', () => {
    decided()
      .when({ ...retry, isParked: false })
      .refused({ code: 'ENTRY_NOT_PARKED' });
  });
  it('about another entry, or the same made by another event, is one of its own', () => {
    for (const other of [{ entry: 'handling' }, { cause: 'e-2' }, { instance: 'c-2' }])
      decided(dropped)
        .when({ ...retry, parked: { ...parked, ...other } })
        .then({ type: 'ParkedEntryRetried', data: { ...parked, ...other, at: NOW } });
  });
});
