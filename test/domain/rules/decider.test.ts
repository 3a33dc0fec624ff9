import { describe, expect, it } from 'vitest';
import type { ColumnName, OwnSettings } from '../../../src/domain/configuration/columns.ts';
import { type ConfigurationCommand, type ConfigurationRefusal, decideConfiguration } from '../../../src/domain/configuration/decider.ts';
import type { BusinessHours, ConfigurationEvent } from '../../../src/domain/configuration/events.ts';
import {
  assignmentEtag,
  assignRules,
  deleteRule,
  putRule,
  putStatement,
  type RuleDecision,
  type RuleRefusal,
} from '../../../src/domain/configuration/rule-decider.ts';
import { assignedRule, queuesWith, type RuleKind, type RuleNames } from '../../../src/domain/configuration/rule-state.ts';
import { type Configuration, type ConfigurationFact, evolve, initialConfiguration } from '../../../src/domain/configuration/state.ts';
import type { Decider } from '../../../src/domain/kit/decider.ts';
import type { Precondition } from '../../../src/domain/kit/precondition.ts';
import type { CapacityRule } from '../../../src/domain/rules/capacity-rule.ts';
import type { NumberRule } from '../../../src/domain/rules/number-rule.ts';
import { given } from '../../support/given.ts';

const now = '2026-03-02T10:00:00.000Z';
const any: Precondition = { ifMatch: '*' };

type RuleCommand = (state: Configuration) => RuleDecision;
/** Decided on facts, deciding events; changes of queues, which rules constrain, are decided beside them. */
const decider: Decider<
  Configuration,
  RuleCommand | ConfigurationCommand,
  ConfigurationFact | ConfigurationEvent,
  RuleRefusal | ConfigurationRefusal
> = {
  initial: initialConfiguration,
  evolve: (state, fact) => ('event' in fact ? evolve(state, fact) : state),
  decide: (command, state) => (typeof command === 'function' ? command(state) : decideConfiguration(command, state)),
};
const past = (...events: ConfigurationEvent[]) =>
  given(decider)(...events.map((event, index): ConfigurationFact => ({ event, revision: BigInt(index), by: 'ann' })));

const hours: BusinessHours = { zone: 'Europe/Paris', weekly: {}, exceptions: [], holidays: [] };
const queue = (name: string, settings: OwnSettings = { businessHours: 'office' }): ConfigurationEvent => ({
  type: 'QueueCreated',
  data: { queue: name, settings: { ...settings }, at: now },
});
const base: ConfigurationEvent[] = [{ type: 'BusinessHoursCreated', data: { name: 'office', hours, at: now } }, queue('sales')];

const us: NumberRule = { countries: ['US'], blockedPatterns: [] };
const ca: NumberRule = { countries: ['CA'], blockedPatterns: ['^1900'] };
const weekly: CapacityRule = { duration: 60, days: { mon: { '09:00': 3 } }, exceptions: [{ date: '2026-12-24', values: { '10:00': 1 } }] };
const regions = { preferred: ['eu'], fallback: [], ignored: [] };
const numbersMade: ConfigurationEvent = { type: 'NumberRuleCreated', data: { name: 'na', rule: us, at: now } };
const capacityMade: ConfigurationEvent = { type: 'CapacityRuleCreated', data: { name: 'week', rule: weekly, at: now } };
const regionsMade: ConfigurationEvent = { type: 'RegionRuleCreated', data: { name: 'eu', rule: regions, at: now } };
const all = [...base, numbersMade, capacityMade, regionsMade];
const capacityAssigned = (to: string): ConfigurationEvent => ({
  type: 'CapacityRuleAssigned',
  data: { queue: to, name: 'week', before: null, at: now },
});
const numbersAssigned: ConfigurationEvent = { type: 'NumberRuleAssigned', data: { queue: 'sales', name: 'na', before: null, at: now } };

const assign =
  (names: Partial<RuleNames>, to = 'sales', precondition: Precondition = {}): RuleCommand =>
  (state) =>
    assignRules({ queue: to, names, precondition, now }, state);
const remove =
  (kind: RuleKind, name: string, precondition = any): RuleCommand =>
  (state) =>
    deleteRule(kind, { name, precondition, now }, state);
const putNumbers =
  (rule: NumberRule, precondition: Precondition = any, name = 'na'): RuleCommand =>
  (state) =>
    putRule('numbers', rule, { name, precondition, now }, state);

describe('a rule', () => {
  it('is made, and changed with what it said before', () => {
    past(...base)
      .when(putNumbers(us, { ifNoneMatch: '*' }))
      .then(numbersMade);
    past(...base, numbersMade)
      .when(putNumbers(ca))
      .then({ type: 'NumberRuleChanged', data: { name: 'na', before: us, after: ca, at: now } });
  });
  it('that says the same is no change', () =>
    past(...base, numbersMade)
      .when(putNumbers({ ...us }))
      .nothing());
  it('is guarded against another edit, and against being made twice', () => {
    const made = past(...base, numbersMade);
    made.when(putNumbers(ca, { ifMatch: '"2"' })).gives();
    made.when(putNumbers(ca, { ifMatch: '"1"' })).refused({ code: 'PRECONDITION_FAILED' });
    made.when(putNumbers(ca, {})).refused({ code: 'PRECONDITION_REQUIRED' });
    made.when(putNumbers(ca, { ifNoneMatch: '*' })).refused({ code: 'PRECONDITION_FAILED' });
    past(...base)
      .when(putNumbers(ca))
      .refused({ code: 'PRECONDITION_FAILED' });
  });
  it('has a name of its own in its kind only', () => {
    const { state } = past(...all, { type: 'RegionRuleCreated', data: { name: 'na', rule: regions, at: now } });
    expect(state.rules.named.numbers.get('na')?.rule).toEqual(us);
    expect(state.rules.named.regions.get('na')?.rule).toEqual(regions);
  });
  it('that no queue has is deleted; one that there isn’t, isn’t', () => {
    past(...all)
      .when(remove('regions', 'eu'))
      .then({ type: 'RegionRuleDeleted', data: { name: 'eu', rule: regions, at: now } });
    past(...all)
      .when(remove('numbers', 'eu'))
      .refused({ code: 'UNKNOWN_RULE', kind: 'numbers' });
  });
  it('that queues have can’t be deleted: they are named', () => {
    const assigned = past(...all, queue('b'), queue('a'), capacityAssigned('b'), capacityAssigned('a'));
    assigned.when(remove('capacity', 'week')).refused({ code: 'RULE_ASSIGNED', queues: ['a', 'b'] });
    assigned.when(remove('capacity', 'week', { ifMatch: '"0"' })).refused({ code: 'PRECONDITION_FAILED' });
  });
});

describe('a capacity statement', () => {
  it('takes the place of the weekly values, and its length that of the exceptions’ time slots', () =>
    past(...all)
      .when((state) => putStatement({ duration: 30, days: { sun: { '02:30': 2 } } }, { name: 'week', precondition: any, now }, state))
      .then({
        type: 'CapacityRuleChanged',
        data: {
          ...{ name: 'week', before: weekly, at: now },
          after: { duration: 30, days: { sun: { '02:30': 2 } }, exceptions: [{ date: '2026-12-24', values: { '10:00': 1, '10:30': 1 } }] },
        },
      }));
  it('makes a rule where there is none', () =>
    past(...base)
      .when((state) => putStatement({ duration: 60, days: {} }, { name: 'new', precondition: {}, now }, state))
      .then({ type: 'CapacityRuleCreated', data: { name: 'new', rule: { duration: 60, days: {}, exceptions: [] }, at: now } }));
});

describe('the rules of a queue', () => {
  it('are one of each kind, assigned together or one by one, and taken away by null', () => {
    const both = past(...all)
      .when(assign({ numbers: 'na', regions: 'eu' }))
      .gives();
    expect(both.map((event) => 'type' in event && event.type)).toEqual(['NumberRuleAssigned', 'RegionRuleAssigned']);
    past(...all, numbersAssigned)
      .when(assign({ numbers: null, capacity: null }))
      .then({ type: 'NumberRuleUnassigned', data: { queue: 'sales', name: 'na', at: now } });
    const other: ConfigurationEvent = { type: 'NumberRuleCreated', data: { name: 'other', rule: ca, at: now } };
    past(...all, numbersAssigned, other)
      .when(assign({ numbers: 'other' }))
      .then({ type: 'NumberRuleAssigned', data: { queue: 'sales', name: 'other', before: 'na', at: now } });
  });
  it('that it has already are no change', () =>
    past(...all, numbersAssigned)
      .when(assign({ numbers: 'na' }))
      .nothing());
  it('are found by kind, and follow the edit of a rule', () => {
    const { rules } = past(...all, numbersAssigned, {
      type: 'NumberRuleChanged',
      data: { name: 'na', before: us, after: ca, at: now },
    }).state;
    expect(assignedRule(rules, 'numbers', 'sales')).toEqual(ca);
    expect(assignedRule(rules, 'capacity', 'sales')).toBeUndefined();
    expect(assignedRule(rules, 'numbers', 'support')).toBeUndefined();
    expect(queuesWith(rules, 'numbers', 'na')).toEqual(['sales']);
  });
  it('go with the queue: another of its name begins without any', () => {
    const { rules } = past(
      ...all,
      numbersAssigned,
      { type: 'QueueDeleted', data: { queue: 'sales', settings: {}, at: now } },
      queue('sales'),
    ).state;
    expect(assignedRule(rules, 'numbers', 'sales')).toBeUndefined();
    expect(queuesWith(rules, 'numbers', 'na')).toEqual([]);
  });
  it('are guarded when a version is named, and needn’t be', () => {
    const assigned = past(...all, numbersAssigned);
    expect(assignmentEtag(assigned.state, 'sales')).toBe('"5"');
    assigned.when(assign({ numbers: null }, 'sales', { ifMatch: '"5"' })).gives();
    assigned.when(assign({ numbers: null }, 'sales', { ifMatch: '"0"' })).refused({ code: 'PRECONDITION_FAILED' });
    assigned.when(assign({ numbers: null }, 'sales', { ifNoneMatch: '*' })).refused({ code: 'PRECONDITION_FAILED' });
    past(...all)
      .when(assign({ numbers: 'na' }, 'sales', { ifMatch: '"0"' }))
      .gives();
  });
  it('must exist, and so must the queue; the default row has none', () => {
    past(...all)
      .when(assign({ numbers: 'na', regions: 'us' }))
      .refused({ code: 'UNKNOWN_RULE', kind: 'regions' });
    past(...all)
      .when(assign({ numbers: 'na' }, 'support'))
      .refused({ code: 'UNKNOWN_QUEUE' });
    past(...all, queue('default'))
      .when(assign({ numbers: 'na' }, 'default'))
      .refused({ code: 'UNKNOWN_QUEUE' });
  });
});

describe('a capacity rule fits a queue', () => {
  const misfit = { code: 'CAPACITY_MISFIT', message: expect.any(String) };
  const put = (name: string, settings: OwnSettings): ConfigurationCommand => ({
    type: 'PutQueueSettings',
    queue: name,
    settings,
    precondition: any,
    now,
  });
  const refused = (column: ColumnName, ...queues: string[]): ConfigurationRefusal => ({
    code: 'INVALID_COLUMNS',
    problems: [{ column, message: expect.any(String), ...(queues.length > 0 && { queues }) }],
  });
  const office = { businessHours: 'office' };
  const defaultRow = { callbackApplication: 'ringback', ...office };

  it('with business hours, its own or the default row’s', () => {
    past(...all, queue('closed', {}))
      .when(assign({ capacity: 'week' }, 'closed'))
      .refused(misfit as RuleRefusal);
    past(...all, queue('default', defaultRow), queue('closed', {}))
      .when(assign({ capacity: 'week' }, 'closed'))
      .then(capacityAssigned('closed'));
    past(...all, capacityAssigned('sales'))
      .when(put('sales', {}))
      .refused(refused('businessHours'));
  });
  it('but not with slots of two hours, before or after it is assigned', () => {
    const long = { ...office, slotDurationMinutes: 120 as const };
    past(...all, queue('long', long))
      .when(assign({ capacity: 'week' }, 'long'))
      .refused(misfit as RuleRefusal);
    past(...all, capacityAssigned('sales'))
      .when(put('sales', long))
      .refused(refused('slotDurationMinutes'));
    past(...all)
      .when(put('sales', long))
      .gives();
  });
  it('also when the default row changes what it inherits', () => {
    const inherits = past(...all, queue('default', defaultRow), queue('heir', {}), capacityAssigned('heir'));
    inherits.when(put('default', { ...defaultRow, slotDurationMinutes: 120 })).refused(refused('slotDurationMinutes', 'heir'));
    inherits.when(put('default', { ...defaultRow, slotDurationMinutes: 60 })).gives();
  });
});
