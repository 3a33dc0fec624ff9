import { describe, expect, it } from 'vitest';
import {
  type BusinessHoursCommand,
  type BusinessHoursRefusal,
  decideBusinessHours,
} from '../../src/domain/configuration/business-hours.ts';
import { writtenHours } from '../../src/domain/configuration/business-hours-schema.ts';
import { etagOf } from '../../src/domain/configuration/decider.ts';
import type { BusinessHours, ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import { type Configuration, type ConfigurationFact, evolve, initialConfiguration } from '../../src/domain/configuration/state.ts';
import type { Decider } from '../../src/domain/kit/decider.ts';
import type { Precondition } from '../../src/domain/kit/precondition.ts';
import { given } from '../support/given.ts';

const now = '2026-03-02T10:00:00.000Z';
const hours: BusinessHours = { zone: 'Europe/Paris', weekly: { mon: 'all-day' }, exceptions: [], holidays: [] };
const shorter: BusinessHours = { ...hours, weekly: { mon: [['09:00', '12:00']] }, holidays: [{ country: 'FR' }] };

const created: ConfigurationEvent = { type: 'BusinessHoursCreated', data: { name: 'office', hours, at: now } };
const changed: ConfigurationEvent = {
  type: 'BusinessHoursChanged',
  data: {
    name: 'office',
    changes: { weekly: { before: hours.weekly, after: shorter.weekly }, holidays: { before: [], after: [{ country: 'FR' }] } },
    at: now,
  },
};
const deleted = (was: BusinessHours): ConfigurationEvent => ({
  type: 'BusinessHoursDeleted',
  data: { name: 'office', hours: was, at: now },
});
const queue = (name: string, businessHours?: string): ConfigurationEvent => ({
  type: 'QueueCreated',
  data: { queue: name, settings: businessHours === undefined ? {} : { businessHours }, at: now },
});
const decider: Decider<Configuration, BusinessHoursCommand, ConfigurationFact | ConfigurationEvent, BusinessHoursRefusal> = {
  initial: initialConfiguration,
  evolve: (state, fact) => ('event' in fact ? evolve(state, fact) : state),
  decide: decideBusinessHours,
};
const having = (...events: ConfigurationEvent[]) =>
  given(decider)(...events.map((event, index) => ({ event, revision: BigInt(index), by: 'ann' })));
const put = (to: BusinessHours, precondition: Precondition = { ifMatch: '*' }): BusinessHoursCommand => ({
  ...{ type: 'PutBusinessHours', name: 'office', hours: to, precondition, now },
});
const remove = (precondition: Precondition = { ifMatch: '*' }): BusinessHoursCommand => ({
  ...{ type: 'DeleteBusinessHours', name: 'office', precondition, now },
});

describe('business hours', () => {
  it('are made, and changed part by part, with what was before', () => {
    having().when(put(hours, {})).then(created);
    having(created).when(put(shorter)).then(changed);
    having(created, changed).when(put(shorter)).nothing();
  });
  it('are what their changes made of them, and say who changed them last', () => {
    const row = having(created, queue('sales'), changed).state.businessHours.get('office');
    expect(row).toEqual({ hours: shorter, updatedAt: now, updatedBy: 'ann', revision: 2n });
    expect(row && etagOf(row)).toBe('"2"');
  });
  it('are guarded against another edit', () => {
    having(created, changed)
      .when(put(hours, { ifMatch: '"0"' }))
      .refused({ code: 'PRECONDITION_FAILED' });
    having(created)
      .when(put(shorter, { ifMatch: '"0"' }))
      .then(changed);
    having(created).when(put(shorter, {})).refused({ code: 'PRECONDITION_REQUIRED' });
    having(created)
      .when(put(shorter, { ifNoneMatch: '*' }))
      .refused({ code: 'PRECONDITION_FAILED' });
    having().when(put(hours)).refused({ code: 'PRECONDITION_FAILED' });
  });
  it('are deleted as they were, and can be made again', () => {
    having(created, changed).when(remove()).then(deleted(shorter));
    having(created, changed, deleted(shorter))
      .when(put(hours, { ifNoneMatch: '*' }))
      .then(created);
    having().when(remove()).refused({ code: 'UNKNOWN_BUSINESS_HOURS' });
    having(created).when(remove({})).refused({ code: 'PRECONDITION_REQUIRED' });
  });
  it('that rows name stay, and the refusal has the rows that name them themselves, after the guard', () => {
    const inUse = having(created, queue('default', 'office'), queue('sales', 'office'), queue('heir'), queue('other', 'nights'));
    inUse.when(remove()).refused({ code: 'BUSINESS_HOURS_IN_USE', queues: ['default', 'sales'] });
    inUse.when(remove({ ifMatch: '"9"' })).refused({ code: 'PRECONDITION_FAILED' });
  });
});

describe('business hours as they are written', () => {
  const written = (some: object) => ({ zone: 'Europe/Paris', weekly: {}, ...some });
  const wrong = (some: object): string[] => {
    const parsed = writtenHours.safeParse(written(some));
    return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
  };
  const monday = (...intervals: unknown[]) => wrong({ weekly: { mon: intervals } });

  it('are taken as the API’s description has them', () =>
    expect(
      writtenHours.safeParse({
        zone: 'Europe/Paris',
        weekly: {
          mon: [
            ['09:00', '12:00'],
            ['13:00', '17:30'],
          ],
          fri: [['22:00', '02:00']],
          sat: 'all-day',
        },
        exceptions: [{ date: '2026-12-24', intervals: [['09:00', '12:00']] }],
        holidays: [{ country: 'FR' }, { country: 'DE', region: 'BY' }],
      }).success,
    ).toBe(true));
  it('may end at midnight, and touch', () => {
    expect(monday(['12:00', '00:00'], ['09:00', '12:00'])).toEqual([]);
    expect(wrong({ weekly: { mon: [['20:00', '02:00']], tue: [['02:00', '03:00']] } })).toEqual([]);
  });
  it.each([
    ['a zone that there is not', { zone: 'Europe/Atlantis' }, ['zone']],
    ['an offset as a zone', { zone: '+02:00' }, ['zone']],
    ['24:00', { weekly: { mon: [['09:00', '24:00']] } }, ['weekly.mon.0.1']],
    ['a time without its zero', { weekly: { mon: [['9:00', '12:00']] } }, ['weekly.mon.0.0']],
    ['minute 60', { weekly: { mon: [['09:60', '12:00']] } }, ['weekly.mon.0.0']],
    ['an empty interval', { weekly: { mon: [['09:00', '09:00']] } }, ['weekly.mon.0']],
    ['an interval of three', { weekly: { mon: [['09:00', '10:00', '11:00']] } }, ['weekly.mon']],
    ['a day that there is not', { weekly: { monday: 'all-day' } }, ['weekly']],
    ['a word that is not all-day', { weekly: { mon: 'open' } }, ['weekly.mon']],
    [
      'overlapping intervals',
      {
        weekly: {
          mon: [
            ['09:00', '12:00'],
            ['11:59', '13:00'],
          ],
        },
      },
      ['weekly.mon.1'],
    ],
    [
      'overlap past midnight of a day',
      {
        weekly: {
          mon: [
            ['22:00', '02:00'],
            ['23:00', '00:00'],
          ],
        },
      },
      ['weekly.mon.1'],
    ],
    ['overlap with what the day before leaves', { weekly: { mon: [['01:59', '03:00']], sun: [['22:00', '02:00']] } }, ['weekly.mon.0']],
    ['a day that is not in the calendar', { exceptions: [{ date: '2027-02-29', intervals: [] }] }, ['exceptions.0.date']],
    ['a date of another form', { exceptions: [{ date: '24.12.2026', intervals: [] }] }, ['exceptions.0.date']],
    ['a date far off', { exceptions: [{ date: '2200-01-01', intervals: [] }] }, ['exceptions.0.date']],
    [
      'a date twice',
      {
        exceptions: [
          { date: '2026-12-24', intervals: [] },
          { date: '2026-12-24', intervals: [] },
        ],
      },
      ['exceptions.1.date'],
    ],
    [
      'overlap on a date',
      {
        exceptions: [
          {
            date: '2026-12-24',
            intervals: [
              ['09:00', '12:00'],
              ['10:00', '11:00'],
            ],
          },
        ],
      },
      ['exceptions.0.intervals.1'],
    ],
    ['a country that there is not', { holidays: [{ country: 'XX' }] }, ['holidays.0.country']],
    ['a region of another country', { holidays: [{ country: 'FR', region: 'BY' }] }, ['holidays.0.region']],
    ['a set of holidays twice', { holidays: [{ country: 'FR' }, { country: 'FR' }] }, ['holidays.1.country']],
    ['too many intervals', { weekly: { mon: Array.from({ length: 13 }, (_, n) => [`${10 + n}:00`, `${10 + n}:30`]) } }, ['weekly.mon']],
    [
      'too many dates',
      { exceptions: Array.from({ length: 501 }, (_, n) => ({ date: new Date(n * 86_400_000).toISOString().slice(0, 10), intervals: [] })) },
      ['exceptions'],
    ],
    ['too many sets', { holidays: Array.from({ length: 21 }, (_, n) => ({ country: 'DE', region: `X${n}` })) }, undefined],
    ['a field that there is not', { colour: 'green' }, ['']],
  ] as const)('are refused with %s, where it is', (_, some, paths) => {
    const found = wrong(some);
    expect(found.length).toBeGreaterThan(0);
    if (paths !== undefined) expect([...new Set(found)]).toEqual(paths);
  });
  it('fit into one event with what was before, as large as they may be', () => {
    const intervals = Array.from({ length: 12 }, (_, n) => [`${String(n).padStart(2, '0')}:00`, `${String(n).padStart(2, '0')}:30`]);
    const exceptions = Array.from({ length: 500 }, (_, n) => ({ date: new Date(n * 86_400_000).toISOString().slice(0, 10), intervals }));
    const parsed = writtenHours.safeParse(written({ exceptions }));
    expect(parsed.success).toBe(true);
    expect(2 * JSON.stringify(parsed.data).length).toBeLessThan(700_000);
  });
});
