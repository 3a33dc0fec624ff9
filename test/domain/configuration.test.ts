import { describe, expect, it } from 'vitest';
import { usersOf } from '../../src/domain/configuration/business-hours.ts';
import { type ColumnName, columnDefaults, type OwnSettings, settingsRow } from '../../src/domain/configuration/columns.ts';
import {
  type ConfigurationCommand,
  type ConfigurationRefusal,
  decideConfiguration,
  etagOf,
} from '../../src/domain/configuration/decider.ts';
import type { ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import type { RowProblem } from '../../src/domain/configuration/row-problems.ts';
import {
  bookableQueues,
  type Configuration,
  type ConfigurationFact,
  evolve,
  inheritedColumns,
  initialConfiguration,
  settingsOf,
  takesBookings,
} from '../../src/domain/configuration/state.ts';
import type { Decider } from '../../src/domain/kit/decider.ts';
import type { Precondition } from '../../src/domain/kit/precondition.ts';
import { given } from '../support/given.ts';

const now = '2026-03-02T10:00:00.000Z';
const hours = { zone: 'Europe/Paris', weekly: { mon: 'all-day' as const }, exceptions: [], holidays: [] };
const defaultRow: OwnSettings = { callbackApplication: 'ringback', businessHours: 'always', maxDialAttempts: 7 };

const hoursCreated: ConfigurationEvent = { type: 'BusinessHoursCreated', data: { name: 'always', hours, at: now } };
const created = (queue: string, settings: OwnSettings = {}): ConfigurationEvent => ({
  type: 'QueueCreated',
  data: { queue, settings: { ...settings }, at: now },
});
const changed = (queue: string, changes: Record<string, { before: unknown; after: unknown }>): ConfigurationEvent => ({
  type: 'QueueSettingsChanged',
  data: { queue, changes, at: now },
});
const deleted = (queue: string, settings: OwnSettings = {}): ConfigurationEvent => ({
  type: 'QueueDeleted',
  data: { queue, settings: { ...settings }, at: now },
});
const facts = (...events: ConfigurationEvent[]): ConfigurationFact[] =>
  events.map((event, index) => ({ event, revision: BigInt(index), by: 'ann' }));

/** Decided on facts, deciding events. */
const decider: Decider<Configuration, ConfigurationCommand, ConfigurationFact | ConfigurationEvent, ConfigurationRefusal> = {
  initial: initialConfiguration,
  evolve: (state, fact) => ('event' in fact ? evolve(state, fact) : state),
  decide: decideConfiguration,
};
const configurationAfter = (...events: ConfigurationEvent[]) => given(decider)(...facts(...events));
const put = (queue: string, settings: OwnSettings, precondition: Precondition = { ifMatch: '*' }): ConfigurationCommand => ({
  ...{ type: 'PutQueueSettings', queue, settings, precondition, now },
});
const remove = (queue: string, openCallbacks = 0, precondition: Precondition = { ifMatch: '*' }): ConfigurationCommand => ({
  ...{ type: 'DeleteQueue', queue, openCallbacks, precondition, now },
});

const invalid = (...problems: RowProblem[]): ConfigurationRefusal => ({ code: 'INVALID_COLUMNS', problems });

const base = [hoursCreated, created('default', defaultRow)];
const withSales = [...base, created('sales', { pacing: 0.5 })];

describe('a row is guarded against another edit', () => {
  const edit = { pacing: 0.6 };
  const change = changed('sales', { pacing: { before: 0.5, after: 0.6 } });
  it('with its etag it is changed', () => {
    const { state } = configurationAfter(...withSales);
    const row = state.queues.get('sales');
    expect(row && etagOf(row)).toBe('"2"');
    configurationAfter(...withSales)
      .when(put('sales', edit, { ifMatch: '"2"' }))
      .then(change);
  });
  it('any version will do when asked so', () =>
    configurationAfter(...withSales)
      .when(put('sales', edit))
      .then(change));
  it('with an etag that moved it is refused', () =>
    configurationAfter(...withSales, change)
      .when(put('sales', edit, { ifMatch: '"2"' }))
      .refused({ code: 'PRECONDITION_FAILED' }));
  it("another row's change moves no etag", () =>
    configurationAfter(...withSales, created('support'))
      .when(put('sales', edit, { ifMatch: '"2"' }))
      .then(change));
  it('without saying, it is refused', () =>
    configurationAfter(...withSales)
      .when(put('sales', edit, {}))
      .refused({ code: 'PRECONDITION_REQUIRED' }));
  it('meant to be made new, it is refused', () =>
    configurationAfter(...withSales)
      .when(put('sales', edit, { ifNoneMatch: '*' }))
      .refused({ code: 'PRECONDITION_FAILED' }));
  it('what is not there is made without saying, or when meant to be new, and never with an etag', () => {
    for (const precondition of [{}, { ifNoneMatch: '*' as const }])
      configurationAfter(...base)
        .when(put('sales', edit, precondition))
        .then(created('sales', edit));
    for (const ifMatch of ['"2"', '*'])
      configurationAfter(...base)
        .when(put('sales', edit, { ifMatch }))
        .refused({ code: 'PRECONDITION_FAILED' });
  });
  it('the guard is asked before the columns', () =>
    configurationAfter(...withSales)
      .when(put('sales', { businessHours: 'none' }, { ifMatch: '"0"' }))
      .refused({ code: 'PRECONDITION_FAILED' }));
});

describe('a row is replaced as a whole', () => {
  it('a column left out is inherited again, and the change says what it was', () =>
    configurationAfter(...withSales)
      .when(put('sales', { slotCapacity: 9 }))
      .then(changed('sales', { pacing: { before: 0.5, after: null }, slotCapacity: { before: null, after: 9 } })));
  it('the same row again changes nothing', () =>
    configurationAfter(...withSales)
      .when(put('sales', { pacing: 0.5 }))
      .nothing());
  it('values are told apart by content', () => {
    const priority = { initial: 1, increment: 2, everySeconds: 60, limit: 100 };
    configurationAfter(...base, created('sales', { priority }))
      .when(put('sales', { priority: { ...priority } }))
      .nothing();
  });
});

describe('what a row names must be there', () => {
  it('business hours that nobody made are refused, naming the column', () =>
    configurationAfter(...base)
      .when(put('sales', { businessHours: 'nights' }, {}))
      .refused(invalid({ column: 'businessHours', message: 'no business hours of that name' })));
  it.each(['callbackApplication', 'businessHours'] as const)('the default row is refused without %s', (column) =>
    configurationAfter(...base)
      .when(put('default', { ...defaultRow, [column]: undefined }))
      .refused(invalid({ column, message: 'the default row needs one' })),
  );
  describe('for customers to call in', () => {
    const callIn = { callDirection: 'USERORIGINATED' as const };
    const needs = 'a queue that is USERORIGINATED needs one, of its own or the default row’s';
    const pushes = { pushThresholdMinutes: 5, pushedCallbackExpiryMinutes: 10 };
    const lacks = (...columns: ColumnName[]) => invalid(...columns.map((column) => ({ column, message: needs })));

    it('each column that is missing is named', () => {
      configurationAfter(...base)
        .when(put('sales', callIn, {}))
        .refused(lacks('pushedCallbackExpiryMinutes', 'pushThresholdMinutes'));
      configurationAfter()
        .when(put('sales', callIn, {}))
        .refused(lacks('pushedCallbackExpiryMinutes', 'pushThresholdMinutes', 'callbackApplication'));
      configurationAfter(...base)
        .when(put('sales', { ...callIn, pushThresholdMinutes: 0 }, {}))
        .refused(lacks('pushedCallbackExpiryMinutes'));
    });
    it('its own values will do, or the default row’s', () => {
      configurationAfter(...base)
        .when(put('sales', { ...callIn, ...pushes }, {}))
        .then(created('sales', { ...callIn, ...pushes }));
      configurationAfter(hoursCreated, created('default', { ...defaultRow, ...pushes }))
        .when(put('sales', callIn, {}))
        .then(created('sales', callIn));
    });
    it('the default row can’t take them away from a queue that relies on it, but from one that doesn’t', () => {
      const relied = [hoursCreated, created('default', { ...defaultRow, ...pushes }), created('sales', callIn)];
      configurationAfter(...relied)
        .when(put('default', { ...defaultRow, pushThresholdMinutes: 5 }))
        .refused(invalid({ column: 'pushedCallbackExpiryMinutes', message: needs, queues: ['sales'] }));
      configurationAfter(...relied, created('own', { ...callIn, ...pushes }), deleted('sales', callIn))
        .when(put('default', defaultRow))
        .gives();
    });
    it('the default row can’t make a queue call in that lacks them', () => {
      configurationAfter(...withSales)
        .when(put('default', { ...defaultRow, ...callIn, pushThresholdMinutes: 5 }))
        .refused(invalid({ column: 'pushedCallbackExpiryMinutes', message: 'a default row that is USERORIGINATED needs one' }));
    });
    it('a row that is as it should not be any more stands in nobody’s way', () => {
      configurationAfter(...base, created('old', callIn))
        .when(put('default', { ...defaultRow, pacing: 0.5 }))
        .gives();
    });
  });

  it('business hours are made once', () => {
    const create = { type: 'CreateBusinessHours', name: 'always', hours, now } as const;
    configurationAfter().when(create).then(hoursCreated);
    configurationAfter(hoursCreated).when(create).nothing();
  });
});

describe('deleting a queue', () => {
  it('keeps what its row was', () =>
    configurationAfter(...withSales)
      .when(remove('sales'))
      .then(deleted('sales', { pacing: 0.5 })));
  it.each([
    ['of a name that is not there', remove('support'), { code: 'UNKNOWN_QUEUE' }],
    ['without saying which version', remove('sales', 0, {}), { code: 'PRECONDITION_REQUIRED' }],
    ['of another version', remove('sales', 0, { ifMatch: '"9"' }), { code: 'PRECONDITION_FAILED' }],
    ['with open callbacks', remove('sales', 3), { code: 'QUEUE_HAS_OPEN_CALLBACKS', count: 3 }],
    ['of default', remove('default'), { code: 'DEFAULT_ROW_STAYS' }],
  ] as const)('%s is refused', (_, command, refusal) =>
    configurationAfter(...withSales)
      .when(command)
      .refused(refusal),
  );
  it('leaves a queue that can be made again', () =>
    configurationAfter(...withSales, deleted('sales'))
      .when(put('sales', {}, { ifNoneMatch: '*' }))
      .then(created('sales')));
});

describe('retiring a queue', () => {
  const retire = (queue: string, openCallbacks: number, precondition: Precondition = { ifMatch: '*' }): ConfigurationCommand => ({
    ...{ type: 'DeleteQueue', queue, openCallbacks, retire: true, precondition, now },
  });
  const lastValues = Object.fromEntries(
    Object.entries({ ...columnDefaults, ...defaultRow, pacing: 0.5 }).filter(([, value]) => value !== null),
  );
  const retired: ConfigurationEvent = {
    type: 'QueueRetired',
    data: { queue: 'sales', settings: { pacing: 0.5 }, lastValues, openCallbacks: 2, at: now },
  };

  it('keeps the values in force, and takes no bookings', () => {
    configurationAfter(...withSales)
      .when(retire('sales', 2))
      .then(retired);
    const { state } = configurationAfter(...withSales, retired, changed('default', { slotCapacity: { before: null, after: 9 } }));
    expect(settingsOf(state, 'sales')).toEqual({ ...columnDefaults, ...defaultRow, pacing: 0.5 });
    expect(['sales', 'default', 'nowhere'].map((queue) => takesBookings(state, queue))).toEqual([false, false, false]);
    expect(state.queues.get('sales')?.retired).toEqual({ since: now, by: 'ann' });
  });
  it('that has no open callbacks deletes it', () =>
    configurationAfter(...withSales)
      .when(retire('sales', 0))
      .then(deleted('sales', { pacing: 0.5 })));
  it('again changes nothing while callbacks are open, and deletes it when there are none', () => {
    configurationAfter(...withSales, retired)
      .when(retire('sales', 1))
      .nothing();
    configurationAfter(...withSales, retired)
      .when(remove('sales', 1))
      .refused({ code: 'QUEUE_HAS_OPEN_CALLBACKS', count: 1 });
    configurationAfter(...withSales, retired)
      .when(remove('sales'))
      .then(deleted('sales', lastValues));
  });
  it('is guarded like any edit, and not for the default row', () => {
    configurationAfter(...withSales)
      .when(retire('sales', 2, {}))
      .refused({ code: 'PRECONDITION_REQUIRED' });
    configurationAfter(...withSales)
      .when(retire('default', 2))
      .refused({ code: 'DEFAULT_ROW_STAYS' });
  });
  it('is taken back by putting a row', () => {
    const reinstated: ConfigurationEvent = { type: 'QueueReinstated', data: { queue: 'sales', settings: { slotCapacity: 1 }, at: now } };
    configurationAfter(...withSales, retired)
      .when(put('sales', { slotCapacity: 1 }))
      .then(reinstated);
    const { state } = configurationAfter(...withSales, retired, reinstated);
    expect(takesBookings(state, 'sales')).toBe(true);
    expect(settingsOf(state, 'sales')).toEqual({ ...columnDefaults, ...defaultRow, slotCapacity: 1 });
  });
  it('keeps the business hours that it goes on with from being deleted', () => {
    const nights: ConfigurationEvent = { type: 'BusinessHoursCreated', data: { name: 'nights', hours, at: now } };
    const { state } = configurationAfter(
      ...[...withSales, nights, retired],
      changed('default', { businessHours: { before: 'always', after: 'nights' } }),
    );
    expect(usersOf(state, 'always')).toEqual(['sales']);
  });
});

describe('values in force', () => {
  it("are the row's own, else the default row's, else the product's", () => {
    const { state } = configurationAfter(...withSales);
    expect(settingsOf(state, 'sales')).toEqual({ ...columnDefaults, ...defaultRow, pacing: 0.5 });
    expect(inheritedColumns({ pacing: 0.5 })).not.toContain('pacing');
    expect(inheritedColumns({ pacing: 0.5 })).toContain('maxDialAttempts');
  });
  it("follow the default row's changes", () => {
    const { state } = configurationAfter(...withSales, changed('default', { maxDialAttempts: { before: 7, after: 2 } }));
    expect(settingsOf(state, 'sales')?.maxDialAttempts).toBe(2);
  });
  it('there are none for a queue without a row, and default is not bookable', () => {
    const { state } = configurationAfter(...withSales, created('a'), deleted('sales'));
    expect(settingsOf(state, 'sales')).toBeUndefined();
    expect(bookableQueues(state)).toEqual(['a']);
  });
  it('a stored value that today is out of bounds, or of a column that is gone, counts as inherited', () => {
    const old: ConfigurationEvent = {
      type: 'QueueCreated',
      data: { queue: 'old', settings: { pacing: 7, gone: 1, slotCapacity: 4 }, at: now },
    };
    const { state } = configurationAfter(...base, old);
    expect(state.queues.get('old')?.own).toEqual({ slotCapacity: 4 });
  });
  it('say who changed the row last, and when', () =>
    expect(configurationAfter(...withSales).state.queues.get('sales')).toMatchObject({ updatedAt: now, updatedBy: 'ann' }));
});

describe('bounds', () => {
  it('every number has them, and the product keeps to its own', () => {
    const { success } = settingsRow.safeParse(columnDefaults);
    expect(success).toBe(true);
    for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, Number.NaN, 1e9])
      for (const [column, usual] of Object.entries(columnDefaults))
        if (typeof usual === 'number') expect(settingsRow.safeParse({ [column]: value }).success, `${column} ${value}`).toBe(false);
  });
  it('a column that there is not is refused', () => expect(settingsRow.safeParse({ colour: 'green' }).success).toBe(false));
});
