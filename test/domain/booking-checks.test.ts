import { describe, expect, it } from 'vitest';
import { mostPerNumber, refusedByChecks, type Wished } from '../../src/domain/booking/checks.ts';
import { columns, type OwnSettings } from '../../src/domain/configuration/columns.ts';
import type { BusinessHours, ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import { evolve, initialConfiguration } from '../../src/domain/configuration/state.ts';
import { type DuplicatesCommand, duplicates } from '../../src/domain/duplicates/decider.ts';
import type { DuplicatesEvent } from '../../src/domain/duplicates/events.ts';
import { given } from '../support/given.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const at = '2026-03-02T10:00:00.000Z';
/** A Monday, 11:00 in Paris, where the office opens 09:00 to 12:00. */
const now = Date.parse(at);
const hours: BusinessHours = { zone: 'Europe/Paris', weekly: { mon: [['09:00', '12:00']] }, exceptions: [], holidays: [] };

type Checks = Partial<(typeof columns)['checks']['_output']>;
const refusalOf = (checks: Checks, wished: Partial<Wished> = {}, settings: OwnSettings = { businessHours: 'office' }, when = now) => {
  const own: OwnSettings = { ...settings, checks: columns.checks.parse(checks) };
  const events: ConfigurationEvent[] = [
    { type: 'BusinessHoursCreated', data: { name: 'office', hours, at } },
    { type: 'QueueCreated', data: { queue: 'sales', settings: { ...own }, at } },
  ];
  const configuration = events.reduce(
    (state, event, index) => evolve(state, { event, revision: BigInt(index), by: 'ann' }),
    initialConfiguration,
  );
  return refusedByChecks(configuration, 'sales', { kind: 'SCHEDULED', desiredTime: now + 30 * MINUTE, ...wished }, when);
};
const immediate = { kind: 'IMMEDIATE', desiredTime: now } as const;
const evening = { desiredTime: now + 6 * 60 * MINUTE };

describe('a queue that opted in to nothing', () => {
  it('takes what its flags and hours speak against', () => {
    const flags = { immediateEnabled: false, scheduledEnabled: false, businessHours: 'office' };
    expect(refusalOf({}, evening, flags)).toBeUndefined();
    expect(refusalOf({}, immediate, flags, now + 6 * 60 * MINUTE)).toBeUndefined();
    expect(refusalOf({}, { desiredTime: now + 3000 * DAY })).toBeUndefined();
    expect(refusalOf({}, { desiredTime: now - MINUTE })).toBeUndefined(); // counts as scheduled where its slot is checked
  });
  it('has no limit per number', () => expect(mostPerNumber(initialConfiguration, 'sales')).toBeNull());
});

describe('the check of office hours', () => {
  const check = { officeHours: true };
  it('looks at now for an immediate callback', () => {
    expect(refusalOf(check, immediate)).toBeUndefined();
    expect(refusalOf(check, immediate, { businessHours: 'office' }, now + 60 * MINUTE)).toEqual({ code: 'OFFICE_CLOSED' });
  });
  it('looks at the start of the slot for a scheduled one', () => {
    expect(refusalOf(check, { desiredTime: now + 59 * MINUTE })).toBeUndefined(); // 11:59 in the slot of 11:45
    expect(refusalOf(check, { desiredTime: now + 60 * MINUTE })).toEqual({ code: 'OFFICE_CLOSED' });
    const early = now - 120 * MINUTE + 7 * DAY - 1; // just before 09:00, in a slot that is closed
    expect(refusalOf(check, { desiredTime: early })).toEqual({ code: 'OFFICE_CLOSED' });
    expect(refusalOf(check, { desiredTime: early + 1 })).toBeUndefined();
  });
  it('says nothing of a queue without hours', () => {
    expect(refusalOf(check, evening, {})).toBeUndefined();
    expect(refusalOf(check, immediate, {}, now + 6 * 60 * MINUTE)).toBeUndefined();
  });
});

describe('the check of the flags', () => {
  const check = { enabledFlags: true };
  it('holds each kind to its own', () => {
    expect(refusalOf(check, immediate, { immediateEnabled: false })).toEqual({ code: 'IMMEDIATE_DISABLED' });
    expect(refusalOf(check, immediate, { scheduledEnabled: false })).toBeUndefined();
    expect(refusalOf(check, {}, { scheduledEnabled: false })).toEqual({ code: 'SCHEDULED_DISABLED' });
    expect(refusalOf(check, {}, { immediateEnabled: false })).toBeUndefined();
  });
});

describe('lead time and horizon', () => {
  it('hold for scheduled callbacks alone, and take their very ends', () => {
    const check = { minimumLeadMinutes: 60, horizonDays: 7 };
    expect(refusalOf(check, { desiredTime: now + 60 * MINUTE - 1 })).toEqual({ code: 'TOO_SOON', minutes: 60 });
    expect(refusalOf(check, { desiredTime: now + 60 * MINUTE })).toBeUndefined();
    expect(refusalOf(check, { desiredTime: now + 7 * DAY })).toBeUndefined();
    expect(refusalOf(check, { desiredTime: now + 7 * DAY + 1 })).toEqual({ code: 'TOO_FAR_AHEAD', days: 7 });
    expect(refusalOf(check, immediate)).toBeUndefined();
  });
});

describe('open callbacks of one number', () => {
  const claimed = (callbackId: string, claimId = `of ${callbackId}`): DuplicatesEvent => ({
    type: 'NumberClaimed',
    data: { queue: 'sales', callbackId, claimId, number: 'n', most: null, decidedAt: null, at },
  });
  const claim = (callbackId: string, most: number | null, claimId = `of ${callbackId}`): DuplicatesCommand => ({
    ...{ type: 'ClaimNumber', queue: 'sales', callbackId, claimId, number: 'n', most, decidedAt: null, now: at },
  });
  const release = (claimId: string): DuplicatesCommand => ({
    ...{ type: 'ReleaseNumber', queue: 'sales', callbackId: 'c', claimId, number: 'n', because: 'ENDED', now: at },
  });
  it('are as many as the queue takes, and no more', () => {
    expect(given(duplicates)().when(claim('a', 1)).gives()).toHaveLength(1);
    given(duplicates)(claimed('a')).when(claim('b', 1)).refused({ code: 'DUPLICATE' });
    expect(given(duplicates)(claimed('a')).when(claim('b', 2)).gives()).toHaveLength(1);
    given(duplicates)(claimed('a'), claimed('b')).when(claim('c', 2)).refused({ code: 'DUPLICATE' });
  });
  it('are not counted where nobody looks', () =>
    expect(given(duplicates)(claimed('a'), claimed('b')).when(claim('c', null)).gives()).toHaveLength(1));
  it('make room when one is released, once', () => {
    const freed = given(duplicates)(claimed('a'), { type: 'NumberReleased', data: { ...releaseData, claimId: 'of a' } });
    expect(freed.when(claim('b', 1)).gives()).toHaveLength(1);
    freed.when(release('of a')).nothing();
  });
  it('don’t count the claim that the same callback made under its Idempotency-Key before', () => {
    expect(
      given(duplicates)(claimed('a'))
        .when(claim('a', 1, 'again'))
        .gives(),
    ).toHaveLength(1);
    given(duplicates)(claimed('a')).when(claim('a', 1)).nothing();
  });
});
const releaseData = { queue: 'sales', callbackId: 'a', number: 'n', because: 'ENDED', at } as const;
