import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
const user = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.url, method, `/api${path}`, { ...admin(), ...headers }, body);
type Item = Readonly<Record<string, unknown>>;
const itemsOf = (body: unknown): Item[] => {
  const found = at(body, 'items');
  return Array.isArray(found) ? found : [];
};
const now = () => new Date(api.clock.now()).toISOString();
const end = async () => ({ 'x-position': String(await api.store.lastPosition()) });
const audit = async (query: string, headers: Record<string, string> = {}) => {
  const answer = await user('GET', `/audit?${query}`, undefined, { ...(await end()), ...headers });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
};
const typesIn = async (query: string) => itemsOf(await audit(`${query}&sort=at`)).map(({ type }) => type);
const any = { 'if-match': '*' };
const because = (reason: string) => ({ 'x-reason': reason, ...any });

let hidden = '';
let edited = '';
beforeAll(async () => {
  api = await startApi();
  const rule = { countries: ['US'] };
  await user('PUT', '/business-hours/office', { zone: 'UTC', weekly: { mon: 'all-day' } });
  await user('PUT', '/queue-settings/sales', { slotCapacity: 3 });
  await user('PUT', '/queue-settings/support', {});
  await user('PUT', '/rules/numbers/american', rule);
  await api.clock.advanceBy(60_000);
  const edit = { slotCapacity: 5, businessHours: 'office' };
  edited = (await user('PUT', '/queue-settings/sales', edit, because('more agents'))).headers.get('x-correlation-id') ?? '';
  await user('PUT', '/queues/sales/rules', { numbers: 'american' }, { 'x-reason': 'no calls abroad' });
  await user('PUT', '/rules/numbers/american', { countries: ['US', 'CA'] }, any);
  await user('PUT', '/business-hours/office', { zone: 'UTC', weekly: { tue: 'all-day' } }, any);
  await user('POST', '/callbacks', { serviceName: 'sales', phoneNumber: '+15105550100' });
  hidden = textAt((await user('POST', '/callbacks', { serviceName: 'support', phoneNumber: '+15105550101' })).body, 'id');
}, 60_000);
afterAll(() => api.close());

describe('the history of', () => {
  it('a queue says of each change what was before and after, who, when, why and through which request', async () => {
    const body = await audit('queue=sales&sort=at');
    expect(at(body, 'total')).toBe(3);
    const [made, changed, assigned] = itemsOf(body);
    expect(made).toMatchObject({ type: 'QueueCreated', before: null, after: { slotCapacity: 3 } });
    expect(changed).toMatchObject({
      ...{ type: 'QueueSettingsChanged', stream: 'configuration', at: now(), reason: 'more agents', correlationId: edited },
      ...{ before: { slotCapacity: 3, businessHours: null }, after: { slotCapacity: 5, businessHours: 'office' } },
      actor: { kind: 'user', id: 'administrator', name: 'administrator' },
    });
    expect(assigned).toMatchObject({ type: 'NumberRuleAssigned', before: null, after: 'american', reason: 'no calls abroad' });
  });
  it('a rule and a calendar likewise', async () => {
    expect(await typesIn('rule=numbers/american')).toEqual(['NumberRuleCreated', 'NumberRuleAssigned', 'NumberRuleChanged']);
    const [, , changed] = itemsOf(await audit('rule=numbers/american&sort=at'));
    expect(changed).toMatchObject({ before: { countries: ['US'] }, after: { countries: ['CA', 'US'] } });
    expect(await typesIn('calendar=office')).toEqual(['BusinessHoursCreated', 'BusinessHoursChanged']);
    expect(await typesIn('calendar=nothing')).toEqual([]);
  });
  it('a group, a key and a user has no hashes', async () => {
    const key = { name: 'audited', rights: ['callbacks'], origins: [] };
    const { body } = await user('POST', '/api-keys', key);
    const id = textAt(body, 'id');
    await user('DELETE', `/api-keys/${id}`, undefined, any);
    await user('PUT', '/users/bob', { password: 'correct horse battery', groups: ['Supervisors'] });
    await user('PUT', '/access-groups/night', { roles: ['Supervisor'], members: ['bob'], reads: [{ queue: 'sales' }] });
    expect(await typesIn(`key=${id}`)).toEqual(['ApiKeyCreated', 'ApiKeyRevoked']);
    expect(await typesIn('user=bob')).toEqual(['UserPut']);
    expect(await typesIn('group=night')).toEqual(['AccessGroupPut']);
    expect(JSON.stringify([await audit(`key=${id}`), await audit('user=bob')])).not.toMatch(/hash/i);
  });
  it('a callback has who read it', async () => {
    await user('GET', `/callbacks/${hidden}`);
    const types = await typesIn(`callback=${hidden}`);
    expect([types[0], types.at(-1)]).toEqual(['CallbackBooked', 'PersonalDataRead']);
    expect(JSON.stringify(await audit(`callback=${hidden}`))).not.toContain('5550101');
  });
});

describe('events', () => {
  it('are found by period, actor, type and stream', async () => {
    const late = `from=${now()}`;
    expect(await typesIn('type=QueueCreated&type=BusinessHoursCreated')).toEqual(
      expect.arrayContaining(['QueueCreated', 'BusinessHoursCreated']),
    );
    expect(await typesIn(`${late}&stream=configuration`)).toEqual([
      ...['QueueSettingsChanged', 'NumberRuleAssigned', 'NumberRuleChanged', 'BusinessHoursChanged'],
    ]);
    expect(await typesIn(`to=${now()}&rule=numbers/american`)).toEqual(['NumberRuleCreated']);
    const actors = itemsOf(await audit('actor=administrator')).map((item) => at(item, 'actor', 'id'));
    expect(new Set(actors)).toEqual(new Set(['administrator']));
    expect(await typesIn('actor=nobody')).toEqual([]);
  });
  it('come in pages that hold still while more happens', async () => {
    const query = 'stream=configuration&limit=4';
    const all = itemsOf(await audit('stream=configuration')).map(({ position }) => position);
    const found: unknown[] = [];
    let total: unknown;
    for (let cursor = ''; ; ) {
      const body = await audit(`${query}${cursor}`);
      found.push(...itemsOf(body).map(({ position }) => position));
      total ??= at(body, 'total');
      expect(at(body, 'total')).toBe(total);
      await user('PUT', `/business-hours/later-${found.length}`, { zone: 'UTC', weekly: {} });
      const next = at(body, 'next');
      if (typeof next !== 'string') break;
      cursor = `&cursor=${next}`;
    }
    expect(found).toEqual(all);
    expect(total).toBe(all.length);
  });
  it('are refused to be asked for amiss', async () => {
    const wrong = async (query: string) => at(failureOf(await user('GET', `/audit?${query}`)).errors, 0, 'path');
    expect(await wrong('from=yesterday')).toBe('from');
    expect(await wrong('from=2026-03-02T10:00:00Z&to=2026-03-02T10:00:00Z')).toBe('to');
    expect(await wrong('type=Nothing')).toBe('type[0]');
    expect(await wrong('rule=american')).toBe('rule');
    expect(await wrong('queue=a&calendar=b')).toBe('calendar');
    expect(await wrong('limit=251')).toBe('limit');
    expect(await wrong('cursor=e30')).toBe('cursor');
  });
});

describe('an export', () => {
  it('has every event that fits, a line each, and is a fact with how many there were', async () => {
    const query = 'stream=configuration&sort=at';
    const items = itemsOf(await audit(`${query}&limit=250`));
    const answer = await user('GET', `/audit?${query}`, undefined, { ...(await end()), accept: 'application/x-ndjson' });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    expect(
      answer.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(items);
    const [fact] = itemsOf(await audit('type=PersonalDataRead&limit=1'));
    expect(fact?.data).toMatchObject({
      kind: 'EXPORT',
      operation: 'listAudit',
      rows: items.length,
      filters: { stream: ['configuration'] },
    });
    expect(BigInt(answer.headers.get('x-position') ?? '')).toBeLessThan(BigInt(textAt(fact, 'position')));
  });
});

describe('what somebody may not see', () => {
  it('isn’t there: events of hidden queues, of their callbacks, and of those who read them', async () => {
    await user('PUT', '/users/eve', { groups: [] });
    await user('PUT', '/access-groups/sellers', { roles: ['Supervisor'], members: ['eve'], reads: [{ queue: 'sales' }] });
    const { body } = await user('POST', '/users/eve/tokens', {});
    const eve = { authorization: `Bearer ${textAt(body, 'token')}` };
    await api.settle();
    const seen = (query: string) => audit(query, eve);
    const everything = await ask(api.url, 'GET', '/api/audit?sort=at', { ...eve, ...(await end()), accept: 'application/x-ndjson' });
    expect(everything.status).toBe(200);
    expect(everything.text).toContain('"queue":"sales"');
    expect(everything.text).not.toContain('support');
    expect(everything.text).not.toContain(hidden);
    for (const query of ['queue=support', `callback=${hidden}`, `stream=callback-${hidden}`])
      expect(await seen(query)).toMatchObject({ items: [], total: 0, next: null });
    const all = Number(at(await audit('stream=configuration'), 'total'));
    expect(Number(at(await seen('stream=configuration'), 'total'))).toBeLessThan(all);
    expect(itemsOf(await seen('queue=sales')).length).toBe(3);
  });
  it('isn’t there of an import that is too large for one append, while what it says of one’s own queues is', async () => {
    const queues = Array.from({ length: 400 }, (_, n) => ({ queue: `mass-${n}`, settings: { slotCapacity: n } }));
    const rules = { numbers: [{ name: 'massive', countries: ['US'] }] };
    const assignments = [
      { queue: 'mass-7', numbers: 'massive' },
      { queue: 'mass-8', numbers: 'massive' },
    ];
    expect((await user('PUT', '/configuration', { queues, rules, assignments }, any)).status).toBe(200);
    await user('PUT', '/users/bea', { groups: [] });
    await user('PUT', '/access-groups/openers', { roles: ['Supervisor'], members: ['bea'], reads: [{ queue: 'mass-7' }] });
    const bea = { authorization: `Bearer ${textAt((await user('POST', '/users/bea/tokens', {})).body, 'token')}` };
    await api.settle();
    const seen = (query: string) => audit(`${query}&type=ImportPartAdded`, bea);
    const changesIn = (body: unknown) =>
      itemsOf(body).flatMap((item) => {
        const changes = at(item, 'data', 'changes');
        return Array.isArray(changes)
          ? changes.map((change) => [at(change, 'type'), at(change, 'data', 'queue') ?? at(change, 'data', 'name')])
          : [];
      });
    const own = changesIn(await seen('queue=mass-7'));
    expect(own).toHaveLength(2);
    expect(own).toEqual(
      expect.arrayContaining([
        ['QueueCreated', 'mass-7'],
        ['NumberRuleAssigned', 'mass-7'],
      ]),
    );
    expect(await seen('queue=mass-8')).toMatchObject({ items: [], total: 0, next: null });
    expect(changesIn(await seen('rule=numbers/massive'))).toEqual(
      expect.arrayContaining([
        ['NumberRuleCreated', 'massive'],
        ['NumberRuleAssigned', 'mass-7'],
      ]),
    );
    expect(JSON.stringify([await seen('sort=at'), await seen('rule=numbers/massive')])).not.toMatch(/mass-(?!7\b)/);
    expect(changesIn(await audit('queue=mass-8&type=ImportPartAdded'))).toHaveLength(2);
  });
  it('is everything for those without the right', async () => {
    const token = await api.token('an audited Developer', 'Developer');
    await api.settle();
    expect((await ask(api.url, 'GET', '/api/audit', { authorization: `Bearer ${token}` })).status).toBe(403);
  });
});
