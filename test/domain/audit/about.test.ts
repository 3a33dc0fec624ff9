import { describe, expect, it } from 'vitest';
import { accessEvents } from '../../../src/domain/access/events.ts';
import { queuesOf, scope, scopesOf, subjectsOf } from '../../../src/domain/audit/about.ts';
import { changeOf, shownData } from '../../../src/domain/audit/shown.ts';
import { catalogue, type DomainEvent } from '../../../src/domain/catalogue.ts';
import { configurationEvents } from '../../../src/domain/configuration/events.ts';
import { example } from '../../laws/example.ts';

const at = '2026-03-02T10:00:00.000Z';
const rule = { countries: ['US'], blockedPatterns: [] };
const hours = { zone: 'UTC', weekly: {}, exceptions: [], holidays: [] };

describe('the queues that somebody must read to see an event', () => {
  it('are those that it names, wherever it names them', () => {
    const named: [DomainEvent, string[]][] = [
      [example('CallbackBooked', { queue: 'sales' }), ['sales']],
      [example('QueueCreated', { queue: 'sales', settings: { inboundQueue: 'elsewhere' } }), ['sales']],
      [example('NumberRuleAssigned', { queue: 'sales' }), ['sales']],
      [example('FolderPut', { queues: ['support', 'sales'] }), ['sales', 'support']],
      [
        example('AccessGroupPut', { reads: [{ queue: 'sales' }, { folder: 'f', propagate: false, covers: ['support'] }] }),
        ['sales', 'support'],
      ],
      [example('PersonalDataRead', { callbackId: null, queue: undefined, filters: { queue: ['sales'] } }), ['sales']],
      [example('PersonalDataRead', { callbackId: 'c', queue: 'sales' }), ['sales']],
    ];
    for (const [event, queues] of named) expect(queuesOf(event)).toEqual(queues);
  });
  it('are none for what concerns everybody', () => {
    const ofAll: DomainEvent[] = [
      example('QueueSettingsChanged', { queue: 'default' }),
      example('BusinessHoursCreated', {}),
      example('NumberRuleCreated', {}),
      example('DialingStopped', { queue: null }),
      example('UserPut', {}),
      example('AccessGroupPut', { reads: null }),
      example('PersonalDataRead', { callbackId: null, queue: undefined, filters: {} }),
    ];
    for (const event of ofAll) expect(queuesOf(event)).toEqual([]);
  });
  it('are all where it doesn’t say whose callback it speaks of', () => {
    expect(queuesOf(example('ParkedEntryRetried', { instance: 'c' }))).toBeNull();
    expect(queuesOf(example('PersonalDataRead', { callbackId: 'c', queue: undefined }))).toBeNull();
  });
  it('are told by every type that is neither of access nor of the configuration', () => {
    const open = Object.keys(catalogue).filter((type) => !(type in configurationEvents) && !(type in accessEvents));
    for (const type of open)
      expect([type, queuesOf({ ...example('CallbackRequeued', {}), type, data: { at } } as never)]).toEqual([type, null]);
  });
});

describe('the history of', () => {
  it('a queue has its row, its rules and its stop switch', () => {
    for (const type of ['QueueCreated', 'QueueSettingsChanged', 'QueueDeleted', 'CapacityRuleUnassigned', 'DialingStopped'] as const)
      expect(subjectsOf(example(type, { queue: 'sales' }))).toContain('queue/sales');
    expect(subjectsOf(example('CallbackBooked', { queue: 'sales' }))).toEqual([]);
  });
  it('a rule has what it says, and the queues that took it or left it for another', () => {
    expect(subjectsOf(example('RegionRuleChanged', { name: 'east' }))).toEqual(['regions/east']);
    expect(subjectsOf(example('CapacityRuleDeleted', { name: 'few' }))).toEqual(['capacity/few']);
    expect(subjectsOf(example('NumberRuleAssigned', { queue: 'sales', name: 'new', before: 'old' }))).toEqual([
      'queue/sales',
      'numbers/new',
      'numbers/old',
    ]);
  });
  it('a queue has what imports changed of it, and of their parts that alone', () => {
    const [own, other] = ['sales', 'support'].map((queue) => ({ type: 'QueueCreated', v: 1, data: { queue, settings: {}, at } }));
    const part = example('ImportPartAdded', { changes: own && other ? [own, other] : [] });
    expect(subjectsOf(part)).toEqual(['queue/sales', 'queue/support']);
    expect(queuesOf(part)).toEqual(['sales', 'support']);
    const { type, data } = own ?? {};
    expect(shownData(part, 'all', 'queue/sales').changes).toEqual([{ type, data, before: null, after: {} }]);
    expect(shownData(part, 'all').changes).toHaveLength(2);
  });
  it('a queue has of an import nothing of queues that the one who asks doesn’t read', () => {
    const changes = [
      { type: 'QueueCreated', v: 1, data: { queue: 'sales', settings: {}, at } },
      { type: 'NumberRuleAssigned', v: 1, data: { queue: 'support', name: 'few', before: 'old', at } },
      { type: 'QueueSettingsChanged', v: 1, data: { queue: 'default', changes: {}, at } },
    ];
    const part = example('ImportPartAdded', { changes });
    expect(scopesOf(part)).toEqual([
      scope('sales'),
      scope('sales', 'queue/sales'),
      ...[undefined, 'queue/support', 'numbers/few', 'numbers/old'].map((of) => scope('support', of)),
      scope(),
      scope(undefined, 'queue/default'),
    ]);
    const said = (reads: ReadonlySet<string>, of?: string) => JSON.stringify(shownData(part, reads, of).changes);
    expect(said(new Set(['sales']))).toMatch(/sales.*default/);
    expect(said(new Set(['sales']))).not.toContain('support');
    expect(said(new Set(['sales']), 'numbers/few')).toBe('[]');
    expect(shownData(example('ImportBegun', { changes: 3 }), new Set(['sales']))).not.toHaveProperty('changes');
  });
  it('a calendar, a group, a folder, a user, a key and a callback that was read has theirs', () => {
    expect(subjectsOf(example('BusinessHoursChanged', { name: 'office' }))).toEqual(['calendar/office']);
    expect(subjectsOf(example('AccessGroupDeleted', { group: 'g' }))).toEqual(['group/g']);
    expect(subjectsOf(example('FolderPut', { folder: 'f' }))).toEqual(['folder/f']);
    expect(subjectsOf(example('UserTokenIssued', { user: 'ann' }))).toEqual(['user/ann']);
    expect(subjectsOf(example('ApiKeyRevoked', { apiKeyId: 'k' }))).toEqual(['key/k']);
    expect(subjectsOf(example('PersonalDataRead', { callbackId: 'c' }))).toEqual(['callback/c']);
  });
});

describe('a change', () => {
  const changes: [DomainEvent, unknown, unknown][] = [
    [{ type: 'QueueCreated', data: { queue: 'q', settings: { pacing: 1 }, at } }, null, { pacing: 1 }],
    [
      { type: 'QueueSettingsChanged', data: { queue: 'q', changes: { pacing: { before: 1, after: null } }, at } },
      { pacing: 1 },
      { pacing: null },
    ],
    [{ type: 'QueueDeleted', data: { queue: 'q', settings: {}, at } }, {}, null],
    [
      { type: 'BusinessHoursChanged', data: { name: 'n', changes: { zone: { before: 'UTC', after: 'Asia/Tokyo' } }, at } },
      { zone: 'UTC' },
      { zone: 'Asia/Tokyo' },
    ],
    [{ type: 'BusinessHoursDeleted', data: { name: 'n', hours, at } }, hours, null],
    [
      { type: 'NumberRuleChanged', data: { name: 'n', before: rule, after: { ...rule, countries: ['CA'] }, at } },
      rule,
      { ...rule, countries: ['CA'] },
    ],
    [{ type: 'NumberRuleAssigned', data: { queue: 'q', name: 'n', before: null, at } }, null, 'n'],
    [{ type: 'NumberRuleUnassigned', data: { queue: 'q', name: 'n', at } }, 'n', null],
  ];
  it.each(changes)('of %j says what was before and what is after', (event, before, after) =>
    expect(changeOf(event.type, event.data)).toEqual({ before, after }),
  );
  it('is told of no other event', () => expect(changeOf('CallbackRequeued', { queue: 'q', at })).toBeUndefined());
});

it('hashes of passwords, keys and tokens are not shown', () => {
  const secret = 'f00d';
  for (const event of [
    example('ApiKeyCreated', { hash: secret }),
    example('UserPut', { passwordHash: secret }),
    example('UserTokenIssued', { hash: secret }),
  ])
    expect(JSON.stringify(shownData(event, 'all'))).not.toContain(secret);
});
