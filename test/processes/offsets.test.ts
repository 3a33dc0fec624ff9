import { describe, expect, it } from 'vitest';
import { TIME_TO_LIVE_MS } from '../../src/domain/callback/decider.ts';
import { columnDefaults, type OwnSettings } from '../../src/domain/configuration/columns.ts';
import { offsetOf } from '../../src/processes/offsets.ts';
import { configurationWith } from '../commands/desk.ts';

const DAY_END = Date.parse('2026-03-02T17:00:00.000Z');
const offset = (group: string, settings: OwnSettings = {}, wait: number | null = null) =>
  offsetOf(
    () => configurationWith('sales:eu', settings),
    (queue) => (queue === 'sales:eu' ? wait : null),
    (queue) => (queue === 'sales:eu' ? DAY_END : null),
  )(group);

describe('when what is owed is due, from its anchor', () => {
  it('a scheduled callback starts earlier by what its queue waits, and on time when that is not known', () => {
    expect(offset('start:sales:eu', {}, 90)).toBe(-90_000);
    expect(Math.abs(offset('start:sales:eu'))).toBe(0);
  });
  it('limits are those of the queue today', () => {
    expect(offset('report:sales:eu', { reportLimitSeconds: 7 })).toBe(7_000);
    expect(offset('ring:sales:eu', { ringLimitSeconds: 20 })).toBe(20_000);
    expect(offset('handling:sales:eu', { handlingLimitMinutes: 3 })).toBe(180_000);
  });
  it('retries wait by their own outcome, else by the usual', () => {
    expect(offset('retry:busy:sales:eu', { dialRetryMinutes: 2 })).toBe(120_000);
    const dialRetryMinutes = { default: 4, busy: 0.01 };
    expect(offset('retry:busy:sales:eu', { dialRetryMinutes })).toBe(600);
    expect(offset('retry:machine:sales:eu', { dialRetryMinutes })).toBe(240_000);
  });
  it('who waits is purged after as many minutes as the queue says today', () => {
    expect(offset('purge:sales:eu', { callbackPurgeMinutes: 3 })).toBe(180_000);
    expect(offset('purge:sales:eu')).toBe(120 * 60_000);
  });
  it('a business day ends when the hours of its queue say, and never where they know no end', () => {
    expect(offset('day-end:sales:eu')).toBe(DAY_END);
    expect(offset('day-end:other')).toBe(Number.POSITIVE_INFINITY);
  });
  it('of a queue that is gone they are those of the product', () => {
    expect(offset('report:gone')).toBe(columnDefaults.reportLimitSeconds * 1000);
    expect(offset('retry:error:gone')).toBe(5 * 60_000);
  });
  it('an edit of the settings counts from then on', () => {
    let current = configurationWith('sales', { callbackPurgeMinutes: 3 });
    const today = offsetOf(
      () => current,
      () => null,
      () => null,
    );
    expect(today('purge:sales')).toBe(180_000);
    current = configurationWith('sales', { callbackPurgeMinutes: 5 });
    expect(today('purge:sales')).toBe(300_000);
  });
  it('what has a date of its own is due at it', () => {
    expect([offset('at-once'), offset('retire')]).toEqual([0, TIME_TO_LIVE_MS]);
    expect(offset('unused-hold')).toBeGreaterThan(offset('give-back'));
    expect(offset('give-back')).toBeGreaterThan(0);
  });
});
