import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OwnSettings } from '../../src/domain/configuration/columns.ts';
import { configurationDocument } from '../../src/domain/configuration/document.ts';
import type { BusinessHours, ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import { decideImport } from '../../src/domain/configuration/import-decider.ts';
import type { ImportCommand, Wanted } from '../../src/domain/configuration/import-wanted.ts';
import { appendsOf } from '../../src/domain/configuration/large-change.ts';
import type { RuleNames } from '../../src/domain/configuration/rule-state.ts';
import { type Configuration, evolve, initialConfiguration, settingsOf } from '../../src/domain/configuration/state.ts';
import { documentEtag, tableEtag } from '../../src/domain/configuration/table-etag.ts';

const now = '2026-03-02T10:00:00.000Z';
const hours: BusinessHours = { zone: 'UTC', weekly: { mon: 'all-day' }, exceptions: [], holidays: [] };
const defaultRow: OwnSettings = { callbackApplication: 'ringback', businessHours: 'always' };

const fold = (events: readonly ConfigurationEvent[], from = initialConfiguration, first = 0): Configuration =>
  events.reduce((state, event, index) => evolve(state, { event, revision: BigInt(first + index), by: 'ann' }), from);
const queueMade = (queue: string, settings: OwnSettings = {}): ConfigurationEvent => ({
  type: 'QueueCreated',
  data: { queue, settings: { ...settings }, at: now },
});
const base = fold([{ type: 'BusinessHoursCreated', data: { name: 'always', hours, at: now } }, queueMade('default', defaultRow)]);
const withQueues = fold([queueMade('sales', { pacing: 0.5 }), queueMade('support')], base, 2);

const command = (wanted: Wanted, others: Partial<ImportCommand> = {}): ImportCommand => ({
  ...{ wanted, replace: false, reads: 'all', openCallbacks: () => 0, precondition: null, etag: tableEtag, now },
  ...others,
});
const rows = (of: Readonly<Record<string, OwnSettings>>): Wanted => ({ queues: new Map(Object.entries(of)) });
const decided = (wanted: Wanted, state = withQueues, others: Partial<ImportCommand> = {}) => decideImport(command(wanted, others), state);
const eventsOf = (...args: Parameters<typeof decided>) => {
  const decision = decided(...args);
  if (!decision.ok) throw new Error(JSON.stringify(decision.refusal));
  return decision.events;
};
const problemsOf = (...args: Parameters<typeof decided>) => {
  const decision = decided(...args);
  if (decision.ok || decision.refusal.code !== 'INVALID_IMPORT') throw new Error('it was taken');
  return decision.refusal.problems;
};
const typesOf = (events: readonly ConfigurationEvent[]) =>
  events.map(({ type, data }) => [type, 'queue' in data ? data.queue : 'name' in data ? data.name : '']);

describe('an import of rows', () => {
  it('makes those that are new, changes those that differ, and leaves the others', () =>
    expect(typesOf(eventsOf(rows({ sales: { pacing: 0.5 }, support: { pacing: 1 }, third: {} })))).toEqual([
      ['QueueSettingsChanged', 'support'],
      ['QueueCreated', 'third'],
    ]));
  it('that replaces deletes those that it leaves out, but neither the default row nor a retired one', () => {
    const retired = fold(
      [{ type: 'QueueRetired', data: { queue: 'sales', settings: {}, lastValues: {}, openCallbacks: 1, at: now } }],
      withQueues,
      4,
    );
    expect(typesOf(eventsOf(rows({ third: {} }), withQueues, { replace: true }))).toEqual([
      ['QueueCreated', 'third'],
      ['QueueDeleted', 'sales'],
      ['QueueDeleted', 'support'],
    ]);
    expect(typesOf(eventsOf(rows({ support: {} }), retired, { replace: true }))).toEqual([]);
    expect(typesOf(eventsOf(rows({ sales: {} }), retired))).toEqual([['QueueReinstated', 'sales']]);
  });
  it('deletes none that has open callbacks', () =>
    expect(problemsOf(rows({ support: {} }), withQueues, { replace: true, openCallbacks: () => 2 })).toEqual([
      { part: 'queues', name: 'sales', message: expect.stringContaining('2 open callbacks') },
    ]));
  it('neither changes nor deletes a queue that its reader doesn’t see', () => {
    const reads = new Set(['support']);
    expect(problemsOf(rows({ sales: {} }), withQueues, { reads })).toEqual([
      { part: 'queues', name: 'sales', field: 'queue', message: expect.any(String) },
    ]);
    expect(typesOf(eventsOf(rows({}), withQueues, { reads, replace: true }))).toEqual([['QueueDeleted', 'support']]);
    const asked: Wanted = { ...rows({ sales: { callDirection: 'USERORIGINATED' } }), inherited: new Map([['sales', { pacing: 0.9 }]]) };
    expect(
      problemsOf(asked, withQueues, { reads }).map(({ field }) => field),
      'what its settings are would show in what is wrong with them',
    ).toEqual(['queue']);
  });
  it('is held to what it comes to as a whole, in whatever order that would take', () => {
    const callIn = { callDirection: 'USERORIGINATED' as const };
    const given = { ...defaultRow, pushThresholdMinutes: 5, pushedCallbackExpiryMinutes: 10 };
    expect(eventsOf(rows({ a: callIn, default: given }))).toHaveLength(2);
    expect(problemsOf(rows({ a: callIn, b: { businessHours: 'nights' } })).map(({ name, field }) => [name, field])).toEqual([
      ['a', 'pushedCallbackExpiryMinutes'],
      ['a', 'pushThresholdMinutes'],
      ['b', 'businessHours'],
    ]);
  });
  it('is refused when the table moved, by a row made, changed or deleted', () => {
    const precondition = { ifMatch: tableEtag(withQueues, 'all') };
    expect(decided(rows({}), withQueues, { precondition }).ok).toBe(true);
    const moves: ConfigurationEvent[] = [
      queueMade('third'),
      { type: 'QueueSettingsChanged', data: { queue: 'sales', changes: { pacing: { before: 0.5, after: 1 } }, at: now } },
      { type: 'QueueDeleted', data: { queue: 'sales', settings: {}, at: now } },
    ];
    for (const move of moves)
      expect(decided(rows({}), fold([move], withQueues, 4), { precondition })).toEqual({
        ok: false,
        refusal: { code: 'PRECONDITION_FAILED' },
      });
    expect(decided(rows({}), withQueues, { precondition: {} })).toEqual({ ok: false, refusal: { code: 'PRECONDITION_REQUIRED' } });
  });
});

describe('an import of a configuration', () => {
  const rule = { countries: ['US'], blockedPatterns: [] };
  const wanted: Wanted = {
    rules: { numbers: new Map([['us', rule]]) },
    assignments: new Map([['sales', { numbers: 'us', capacity: null, regions: null }]]),
  };
  it('may name rules and hours that it brings along, and deletes those that nothing uses any more', () => {
    expect(typesOf(eventsOf(wanted))).toEqual([
      ['NumberRuleCreated', 'us'],
      ['NumberRuleAssigned', 'sales'],
    ]);
    const state = fold(eventsOf(wanted), withQueues, 4);
    const none: Wanted = { rules: { numbers: new Map() } };
    expect(problemsOf(none, state, { replace: true })).toEqual([
      { part: 'numbers', name: 'us', message: expect.any(String), queues: ['sales'] },
    ]);
    expect(typesOf(eventsOf({ ...none, assignments: new Map() }, state, { replace: true }))).toEqual([
      ['NumberRuleUnassigned', 'sales'],
      ['NumberRuleDeleted', 'us'],
    ]);
  });
  it('is refused for rules and queues that there aren’t, and for a capacity rule that doesn’t fit', () => {
    const assignments = new Map<string, Partial<RuleNames>>([
      ['sales', { regions: 'x' }],
      ['nowhere', {}],
      ['default', {}],
    ]);
    expect(problemsOf({ assignments }).map(({ name, field }) => [name, field])).toEqual([
      ['sales', 'regions'],
      ['nowhere', 'queue'],
      ['default', 'queue'],
    ]);
    const capacity = new Map([['week', { duration: 60 as const, days: {}, exceptions: [] }]]);
    const long = fold([queueMade('long', { slotDurationMinutes: 120 })], withQueues, 4);
    expect(problemsOf({ rules: { capacity }, assignments: new Map([['long', { capacity: 'week' }]]) }, long)).toEqual([
      { part: 'assignments', name: 'long', field: 'capacity', message: expect.stringContaining('120') },
    ]);
  });

  const anyRow = fc.record({ pacing: fc.constantFrom(0.1, 0.5), slotCapacity: fc.nat({ max: 9 }) }, { requiredKeys: [] });
  const names = ['a', 'b', 'c', 'default'];
  const anyWanted = fc
    .record({
      hours: fc.uniqueArray(fc.constantFrom('h1', 'h2')),
      queues: fc.dictionary(fc.constantFrom(...names), anyRow),
      numbers: fc.uniqueArray(fc.constantFrom('n1', 'n2')),
      assigned: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('n1', 'n2')),
    })
    .map(
      ({ hours: named, queues, numbers, assigned }): Wanted => ({
        businessHours: new Map([...named, 'always'].map((name) => [name, { ...hours, zone: name === 'h1' ? 'Europe/Paris' : 'UTC' }])),
        queues: new Map(Object.entries({ ...queues, default: { ...queues.default, ...defaultRow } })),
        rules: { numbers: new Map(numbers.map((name) => [name, rule])), capacity: new Map(), regions: new Map() },
        assignments: new Map(
          Object.entries(assigned)
            .filter(([queue, name]) => queue in queues && numbers.includes(name))
            .map(([queue, name]) => [queue, { numbers: name, capacity: null, regions: null }]),
        ),
      }),
    );

  it('that replaces gives the configuration that it says, whatever was there; again it changes nothing', () =>
    fc.assert(
      fc.property(anyWanted, anyWanted, (first, second) => {
        const before = fold(eventsOf(first, withQueues, { replace: true }), withQueues, 4);
        const after = fold(eventsOf(second, before, { replace: true }), before, 100);
        const alone = fold(eventsOf(second, withQueues, { replace: true }), withQueues, 4);
        expect(configurationDocument(after)).toEqual(configurationDocument(alone));
        expect(eventsOf(second, after, { replace: true })).toEqual([]);
        if (eventsOf(second, before, { replace: true }).length > 0)
          expect(documentEtag(after, 'all')).not.toBe(documentEtag(before, 'all'));
      }),
      { numRuns: 200 },
    ));
});

describe('a change too large for one append', () => {
  const many = Array.from({ length: 4_000 }, (_, n) => queueMade(`queue ${n}`, { callDisplayName: 'x'.repeat(100) }));
  const changes = eventsOf({
    queues: new Map(many.map(({ data }) => ['queue' in data ? String(data.queue) : '', { callDisplayName: 'x'.repeat(100) }])),
  });
  const appends = appendsOf(changes, 'i-1', now);
  const flat = appends.flat();

  it('is an import, whose parts hold at its commit, all at once', () => {
    expect(appends.length).toBeGreaterThan(3);
    for (const part of appends) expect(JSON.stringify(part).length).toBeLessThan(900 * 1024);
    const uncommitted = fold(flat.slice(0, -1), withQueues, 4);
    expect([...uncommitted.queues.keys()]).toEqual([...withQueues.queues.keys()]);
    const committed = fold(flat.slice(-1), uncommitted, 4 + flat.length - 1);
    const { queues, ...rest } = fold(changes, withQueues, 4);
    expect([...committed.queues.keys()]).toEqual([...queues.keys()]);
    expect(configurationDocument(committed)).toEqual(configurationDocument({ queues, ...rest }));
    expect(committed.importing).toBeNull();
  });
  it('has no effect when another change came in between, nor when its parts are another’s', () => {
    const other = queueMade('other');
    const middle = Math.floor(flat.length / 2);
    const cut = fold([...flat.slice(0, middle), other, ...flat.slice(middle)], withQueues, 4);
    expect([...cut.queues.keys()]).toEqual([...withQueues.queues.keys(), 'other']);
    const foreign = fold([...appendsOf(changes, 'i-2', now).flat().slice(0, -1), ...flat.slice(-1)], withQueues, 4);
    expect([...foreign.queues.keys()]).toEqual([...withQueues.queues.keys()]);
  });
  it('that fits is ordinary events', () => {
    const [first = []] = appendsOf(changes.slice(0, 100), 'i-1', now);
    expect(first).toEqual(changes.slice(0, 100));
  });
  it('lets retired queues take bookings again by events of their own, in the append that commits', () => {
    const retired = fold(
      [{ type: 'QueueRetired', data: { queue: 'sales', settings: {}, lastValues: {}, openCallbacks: 1, at: now } }],
      withQueues,
      4,
    );
    const wanted = new Map([
      ...changes.map(({ data }) => ['queue' in data ? String(data.queue) : '', {}] as const),
      ['sales', { pacing: 1 }] as const,
    ]);
    const parts = appendsOf(eventsOf({ queues: wanted }, retired), 'i-1', now);
    expect(parts.at(-1)?.map(({ type }) => type)).toEqual(['ImportCommitted', 'QueueReinstated']);
    const state = fold(parts.flat(), retired, 5);
    expect(state.queues.get('sales')?.retired).toBeUndefined();
    expect(settingsOf(state, 'queue 1999')?.callbackApplication).toBe('ringback');
  });
});
