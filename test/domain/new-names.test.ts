import { describe, expect, it } from 'vitest';
import { decideBusinessHours } from '../../src/domain/configuration/business-hours.ts';
import { settingsRow } from '../../src/domain/configuration/columns.ts';
import { decideConfiguration } from '../../src/domain/configuration/decider.ts';
import type { BusinessHours, ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import { decideImport } from '../../src/domain/configuration/import-decider.ts';
import type { Wanted } from '../../src/domain/configuration/import-wanted.ts';
import { putRule } from '../../src/domain/configuration/rule-decider.ts';
import { type Configuration, evolve, initialConfiguration } from '../../src/domain/configuration/state.ts';
import { tableEtag } from '../../src/domain/configuration/table-etag.ts';

const now = '2026-03-02T10:00:00.000Z';
const hours: BusinessHours = { zone: 'UTC', weekly: { mon: 'all-day' }, exceptions: [], holidays: [] };
const rule = { countries: ['US'], blockedPatterns: [] };
const fold = (...events: readonly ConfigurationEvent[]): Configuration =>
  events.reduce((state, event, index) => evolve(state, { event, revision: BigInt(index), by: 'ann' }), initialConfiguration);
const made = (name: string): Configuration =>
  fold(
    { type: 'BusinessHoursCreated', data: { name: 'always', hours, at: now } },
    { type: 'QueueCreated', data: { queue: 'default', settings: { callbackApplication: 'ringback', businessHours: 'always' }, at: now } },
    { type: 'BusinessHoursCreated', data: { name, hours, at: now } },
    { type: 'QueueCreated', data: { queue: name, settings: {}, at: now } },
    { type: 'NumberRuleCreated', data: { name, rule, at: now } },
  );
const without = made('there');

const importOf = (wanted: Wanted, state: Configuration) =>
  decideImport({ wanted, replace: false, reads: 'all', openCallbacks: () => 0, precondition: null, etag: tableEtag, now }, state);
const anyVersion = { ifMatch: '*' };

/** Every door by which something gets a name; `is` tells an edit of what is there. */
const doors = (name: string, state: Configuration, is: boolean) => {
  const precondition = is ? anyVersion : {};
  return {
    queue: decideConfiguration({ type: 'PutQueueSettings', queue: name, settings: { pacing: 0.5 }, precondition, now }, state),
    calendar: decideBusinessHours({ type: 'PutBusinessHours', name, hours: { ...hours, zone: 'Europe/Paris' }, precondition, now }, state),
    rule: putRule('numbers', { ...rule, countries: ['CA'] }, { name, precondition, now }, state),
    'imported queue': importOf({ queues: new Map([[name, { pacing: 0.5 }]]) }, state),
    'imported calendar': importOf({ businessHours: new Map([[name, { ...hours, zone: 'Europe/Paris' }]]) }, state),
    'imported rule': importOf({ rules: { numbers: new Map([[name, { ...rule, countries: ['CA'] }]]) } }, state),
  };
};

const unusable = [
  ' ',
  '\u00a0',
  '\u3000',
  ' a',
  'a ',
  'a\t',
  'a\0b',
  'a\nb',
  'a\u2028b',
  '\u202egnp',
  'a\u200bb',
  'a\u200db',
  '\ufeffa',
  '.',
  '..',
];

describe('the name of a new queue, calendar or rule', () => {
  it.each(unusable)('can’t be %j, by whatever door it comes', (name) => {
    for (const [door, decision] of Object.entries(doors(name, without, false))) expect([door, decision.ok]).toEqual([door, false]);
  });

  it.each(['a', 'Équipe Nord', 'e\u0301quipe', '客服一组', 'مبيعات', 'a b', 'a/b', '-', '__proto__'])('can be %j', (name) => {
    for (const [door, decision] of Object.entries(doors(name, without, false))) expect([door, decision.ok]).toEqual([door, true]);
  });

  it.each(unusable)('that was given as %j before is still edited', (name) => {
    for (const [door, decision] of Object.entries(doors(name, made(name), true)))
      expect([door, decision.ok && decision.events.length]).toEqual([door, 1]);
  });

  it('is named by an import’s problem', () =>
    expect(importOf({ queues: new Map([[' a', {}]]) }, without)).toEqual({
      ok: false,
      refusal: {
        code: 'INVALID_IMPORT',
        problems: [{ part: 'queues', name: ' a', field: 'queue', message: 'must not begin or end with a space' }],
      },
    }));
});

describe('a text of the settings', () => {
  const texts = [
    'callbackApplication',
    'callDisplayName',
    'callDisplayNumber',
    'routePoint',
    'surveyRoutePoint',
    'inboundQueue',
    'outboundQueue',
  ];
  it.each(texts)('%s is one line', (column) => {
    expect(settingsRow.safeParse({ [column]: 'Équipe 客服 \u{1f600}' }).success).toBe(true);
    for (const bad of ['a\0', 'a\r\nb', 'a\tb', '\u001b[31m', '\ud800'])
      expect(settingsRow.safeParse({ [column]: bad }).error?.issues.map(({ path }) => path)).toEqual([[column]]);
  });
});
