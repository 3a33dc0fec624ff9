import { describe, it } from 'vitest';
import { type BusinessDayCommand, businessDays } from '../../../src/domain/business-day/decider.ts';
import type { BusinessDayEvent } from '../../../src/domain/business-day/events.ts';
import { given } from '../../support/given.ts';

const daysAfter = given(businessDays);
const now = '2026-03-03T17:00:01.000Z';
const of = (day: string) => ({ queue: 'sales', day, closedAt: `${day}T17:00:00.000Z` });
const close = (day: string): BusinessDayCommand => ({ type: 'CloseBusinessDay', ...of(day), now });
const done = (day: string): BusinessDayCommand => ({ type: 'RecordDayPurged', ...of(day), now });
const closed = (day: string): BusinessDayEvent => ({ type: 'BusinessDayClosed', data: { ...of(day), at: now } });
const purged = (day: string): BusinessDayEvent => ({ type: 'BusinessDayPurged', data: { ...of(day), at: now } });
const [MONDAY, TUESDAY] = ['2026-03-02', '2026-03-03'];

describe('the business days of a queue', () => {
  it('end one after the other', () => {
    daysAfter().when(close(MONDAY)).then(closed(MONDAY));
    daysAfter(closed(MONDAY)).when(close(TUESDAY)).then(closed(TUESDAY));
  });
  it('end once, and none ends after a later one', () => {
    daysAfter(closed(TUESDAY)).when(close(TUESDAY)).nothing();
    daysAfter(closed(TUESDAY)).when(close(MONDAY)).nothing();
  });
  it('are purged once, when they have ended', () => {
    daysAfter(closed(MONDAY)).when(done(MONDAY)).then(purged(MONDAY));
    daysAfter(closed(MONDAY), purged(MONDAY)).when(done(MONDAY)).nothing();
    daysAfter(closed(MONDAY)).when(done(TUESDAY)).nothing();
  });
});
