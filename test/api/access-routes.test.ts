import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS_STREAM } from '../../src/domain/access/events.ts';
import { all } from '../eventstore/door.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

type Headers = Record<string, string>;
const asAdmin = (method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> =>
  ask(api.url, method, `/api${path}`, { authorization: `Bearer ${api.adminToken}`, ...headers }, body);
const put = (path: string, body: unknown, headers: Headers = {}) => asAdmin('PUT', path, body, headers);
const any = { 'if-match': '*' };
const codeOf = (answer: Answer) => {
  const { status, code } = failureOf(answer);
  return [status, code];
};
const factsOf = async () =>
  (await all(api.store.readStream(ACCESS_STREAM))).map(({ type, metadata }) => ({ type, by: metadata.actor.name, why: metadata.reason }));
const inHours = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();

describe('API keys', () => {
  const create = (body: unknown) => asAdmin('POST', '/api-keys', body);
  it('are shown once, and only their hash is kept', async () => {
    const made = await create({ name: 'shop', rights: ['callbacks'], origins: ['HTTPS://Shop.Example:443'], expiresAt: inHours(1) });
    expect(made.status).toBe(201);
    expect(made.headers.get('x-position')).toMatch(/^\d+$/);
    const key = textAt(made.body, 'key');
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(made.body).toMatchObject({ name: 'shop', rights: ['callbacks'], origins: ['https://shop.example'], expiresAt: inHours(1) });
    expect(at(made.body, 'limits')).toEqual({ immediatePerNumberPerDay: 6, bookingsPerQueuePerMinute: 500 });
    const list = await asAdmin('GET', '/api-keys');
    expect(list.text).not.toContain(key);
    expect(list.body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ name: 'shop', lastUsedAt: null })]) });
    const stored = JSON.stringify((await all(api.store.readStream(ACCESS_STREAM))).map(({ data }) => data));
    expect(stored).not.toContain(key);
    expect(api.lines.join('')).not.toContain(key);
  });
  it('work until they expire or are revoked, and say when they were last used', async () => {
    const made = await create({ name: 'mobile', rights: ['callbacks'], expiresAt: inHours(2) });
    const headers = { 'x-api-key': textAt(made.body, 'key') };
    const retrieve = () => ask(api.url, 'POST', '/engagement/v3/callbacks/retrieve', headers, { id: 'nope' });
    expect((await retrieve()).status).toBe(404);
    const valid = async () => (await asAdmin('POST', '/api-keys/validate', { key: headers['x-api-key'] })).body;
    expect(await valid()).toEqual({ valid: true });
    const listed = async () => {
      const items = at((await asAdmin('GET', '/api-keys')).body, 'items');
      return Array.isArray(items) ? items.find((item) => at(item, 'name') === 'mobile') : undefined;
    };
    await expect.poll(async () => at(await listed(), 'lastUsedAt')).toBe(new Date(api.clock.now()).toISOString());
    expect(codeOf(await asAdmin('DELETE', `/api-keys/${textAt(made.body, 'id')}`))).toEqual([428, 4011]);
    expect(codeOf(await asAdmin('DELETE', `/api-keys/${textAt(made.body, 'id')}`, undefined, { 'if-match': '"0"' }))).toEqual([412, 4010]);
    const gone = await asAdmin('DELETE', `/api-keys/${textAt(made.body, 'id')}`, undefined, { ...any, 'x-reason': 'leaked' });
    expect(gone.status).toBe(204);
    expect(codeOf(await retrieve())).toEqual([401, 2002]);
    expect(await valid()).toEqual({ valid: false });
    expect((await factsOf()).at(-1)).toEqual({ type: 'ApiKeyRevoked', by: 'administrator', why: 'leaked' });
    expect(codeOf(await asAdmin('DELETE', `/api-keys/${textAt(made.body, 'id')}`, undefined, any))).toEqual([404, 3030]);
  });
  it('expire by the service’s clock', async () => {
    const other = await startApi();
    try {
      const admin = { authorization: `Bearer ${other.adminToken}` };
      const made = await ask(other.url, 'POST', '/api/api-keys', admin, { name: 'x', rights: ['callbacks'], expiresAt: inHours(1) });
      const status = async () =>
        (await ask(other.url, 'POST', '/engagement/v3/callbacks/retrieve', { 'x-api-key': textAt(made.body, 'key') }, { id: 'x' })).status;
      expect(await status()).toBe(404);
      await other.clock.advanceTo(NOW + 3_600_000);
      expect(await status()).toBe(401);
    } finally {
      await other.close();
    }
  });
  it('validate: a token, a fragment or nothing isn’t one', async () => {
    for (const key of [api.adminToken, api.apiKey.slice(0, 42), `${api.apiKey} `, '', 'x'.repeat(1_000)])
      expect((await asAdmin('POST', '/api-keys/validate', { key })).body).toEqual({ valid: false });
    expect((await asAdmin('POST', '/api-keys/validate', { key: api.apiKey })).body).toEqual({ valid: true });
  });
  it('of the origins that they allow, developers read the union', async () => {
    await create({ name: 'one', rights: ['callbacks'], origins: ['https://b.example', 'https://a.example'] });
    await create({ name: 'two', rights: ['statistics'], origins: ['https://a.example'] });
    const items = at((await asAdmin('GET', '/cors-origins')).body, 'items');
    expect(items).toEqual(expect.arrayContaining(['https://a.example', 'https://b.example']));
    expect(Array.isArray(items) && new Set(items).size === items.length).toBe(true);
  });
  it('are listed in pages, by name, both ways', async () => {
    const names: string[] = [];
    let cursor = '';
    for (let page = 0; page < 20; page++) {
      const { body } = await asAdmin('GET', `/api-keys?limit=2&sort=-name${cursor}`);
      const items = at(body, 'items');
      if (Array.isArray(items)) names.push(...items.map((item) => textAt(item, 'name')));
      const next = at(body, 'next');
      if (typeof next !== 'string') break;
      cursor = `&cursor=${next}`;
    }
    expect(names).toEqual([...names].sort().reverse());
    expect(names.length).toBe(at((await asAdmin('GET', '/api-keys')).body, 'total'));
    expect(codeOf(await asAdmin('GET', '/api-keys?cursor=%21%21'))).toEqual([400, 1001]);
  });
});

describe('users', () => {
  it('are made, read, edited and deleted under their etag, and never show a password', async () => {
    const made = await put('/users/ann', { password: 'correct horse', groups: ['Managers'] }, { 'x-reason': 'new colleague' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ name: 'ann', groups: ['Managers'], hasPassword: true, tokens: [], updatedBy: 'administrator' });
    expect(made.headers.get('etag')).toBe(at(made.body, 'etag'));
    expect((await factsOf()).at(-1)).toEqual({ type: 'UserPut', by: 'administrator', why: 'new colleague' });
    const edited = await put('/users/ann', { groups: [] }, { 'if-match': textAt(made.body, 'etag') });
    expect([edited.status, at(edited.body, 'hasPassword')]).toEqual([200, true]);
    expect((await asAdmin('GET', '/users/ann')).body).toEqual(edited.body);
    expect(codeOf(await put('/users/ann', { groups: [] }, { 'if-match': textAt(made.body, 'etag') }))).toEqual([412, 4010]);
    expect(codeOf(await put('/users/ann', { groups: [] }))).toEqual([428, 4011]);
    expect(codeOf(await put('/users/ann', { groups: [] }, { 'if-none-match': '*' }))).toEqual([412, 4010]);
    expect(codeOf(await put('/users/bob', { groups: [] }, any))).toEqual([412, 4010]);
    expect(codeOf(await put('/users/bob', { name: 'eve', groups: [] }))).toEqual([400, 1001]);
    const stored = JSON.stringify((await all(api.store.readStream(ACCESS_STREAM))).map(({ data }) => data));
    expect(stored).not.toContain('correct horse');
    expect((await asAdmin('DELETE', '/users/ann', undefined, any)).status).toBe(204);
    expect(codeOf(await asAdmin('GET', '/users/ann'))).toEqual([404, 3031]);
  });
  it('get tokens, shown once, that carry the rights of the groups of the moment', async () => {
    await put('/users/tess', { groups: ['Managers'] });
    const issued = await asAdmin('POST', '/users/tess/tokens', { expiresAt: inHours(1) });
    expect([issued.status, at(issued.body, 'expiresAt')]).toEqual([201, inHours(1)]);
    const headers = { authorization: `Bearer ${textAt(issued.body, 'token')}` };
    const roles = async () => at((await ask(api.url, 'GET', '/api/session', headers)).body, 'roles');
    expect(await roles()).toEqual(['Monitor']);
    await put('/access-groups/Managers', { roles: ['Supervisor'], members: ['tess'] }, any);
    expect(await roles()).toEqual(['Supervisor']);
    await put('/access-groups/Managers', { roles: ['Monitor'], members: [] }, any);
    expect(await roles()).toEqual([]);
    expect(codeOf(await ask(api.url, 'GET', '/api/callbacks', headers))).toEqual([403, 2003]);
    expect(at((await asAdmin('GET', '/users/tess')).body, 'tokens')).toMatchObject([
      { id: textAt(issued.body, 'id'), expiresAt: inHours(1) },
    ]);
    expect((await asAdmin('DELETE', '/users/tess/tokens')).status).toBe(204);
    expect(codeOf(await ask(api.url, 'GET', '/api/session', headers))).toEqual([401, 2002]);
    expect(codeOf(await asAdmin('POST', '/users/nobody/tokens', {}))).toEqual([404, 3031]);
  });
  it('lose one token alone, by its id', async () => {
    await put('/users/two', { groups: [] });
    const [first, second] = [await asAdmin('POST', '/users/two/tokens'), await asAdmin('POST', '/users/two/tokens', {})];
    expect((await asAdmin('DELETE', `/users/two/tokens?id=${textAt(first.body, 'id')}`)).status).toBe(204);
    const status = async (answer: Answer) =>
      (await ask(api.url, 'GET', '/api/session', { authorization: `Bearer ${textAt(answer.body, 'token')}` })).status;
    expect([await status(first), await status(second)]).toEqual([401, 200]);
    expect(codeOf(await asAdmin('DELETE', `/users/two/tokens?id=${textAt(first.body, 'id')}`))).toEqual([404, 3032]);
  });
});

describe('groups and folders', () => {
  it('show what was put, and lists have them all', async () => {
    await put('/users/gus', { groups: [] });
    expect((await put('/folders/World', { queues: ['demo'] })).status).toBe(201);
    const folder = await put('/folders/Europe', { parent: 'World', queues: [] });
    expect(folder.body).toMatchObject({ name: 'Europe', parent: 'World', queues: [] });
    const reads = [{ queue: 'demo' }, { folder: 'World', propagate: true }];
    const group = await put('/access-groups/Team%20A%2FB', { roles: ['Monitor'], members: ['gus'], reads });
    expect(group.body).toMatchObject({ name: 'Team A/B', roles: ['Monitor'], members: ['gus'], reads, predefined: false });
    expect(at((await asAdmin('GET', '/users/gus')).body, 'groups')).toEqual(['Team A/B']);
    const names = async (path: string) => {
      const items = at((await asAdmin('GET', path)).body, 'items');
      return Array.isArray(items) ? items.map((item) => textAt(item, 'name')) : [];
    };
    expect(await names('/folders')).toEqual(['Europe', 'World']);
    expect(await names('/access-groups')).toEqual([
      'Administrators',
      'Agents',
      'Callback Developers',
      'Managers',
      'Supervisors',
      'Team A/B',
    ]);
    expect(await names('/users')).toEqual(expect.arrayContaining(['administrator', 'gus']));
    expect(codeOf(await asAdmin('DELETE', '/folders/World', undefined, any))).toEqual([409, 4053]);
    expect(codeOf(await asAdmin('DELETE', '/access-groups/Agents', undefined, any))).toEqual([409, 4051]);
    expect((await asAdmin('DELETE', '/access-groups/Team%20A%2FB', undefined, any)).status).toBe(204);
  });
  it('keep to themselves the queues that the one who asks can’t read, and he can’t take them away', async () => {
    await put('/access-groups/Blind', { roles: ['Administrator'], reads: [] });
    await put('/users/bligh', { groups: ['Blind'] });
    const { body } = await asAdmin('POST', '/users/bligh/tokens', {});
    const blind = { authorization: `Bearer ${textAt(body, 'token')}` };
    await put('/folders/Seen', { queues: ['demo'] });
    expect(at((await ask(api.url, 'GET', '/api/folders/Seen', blind)).body, 'queues')).toEqual([]);
    const changed = await ask(api.url, 'PUT', '/api/folders/Seen', { ...blind, ...any }, { parent: 'World', queues: [] });
    expect([changed.status, at(changed.body, 'queues')]).toEqual([200, []]);
    expect(at((await asAdmin('GET', '/folders/Seen')).body, 'queues')).toEqual(['demo']);
    expect(codeOf(await ask(api.url, 'PUT', '/api/folders/Seen', { ...blind, ...any }, { queues: ['demo'] }))).toEqual([400, 1001]);
    await asAdmin('DELETE', '/users/bligh', undefined, any);
  });
});

describe('what can’t be', () => {
  let before = 0n;
  beforeEach(async () => {
    before = (await api.store.lastOf(ACCESS_STREAM))?.revision ?? 0n;
  });
  const refusals: [what: string, method: string, path: string, body: unknown, answer: [number, number], field?: string][] = [
    ['a key without rights', 'POST', '/api-keys', { name: 'k', rights: [] }, [400, 1001], 'rights'],
    ['a key with an unknown right', 'POST', '/api-keys', { name: 'k', rights: ['everything'] }, [400, 1001], 'rights[0]'],
    [
      'an origin with a path',
      'POST',
      '/api-keys',
      { name: 'k', rights: ['callbacks'], origins: ['https://a.example/x'] },
      [400, 1001],
      'origins[0]',
    ],
    ['a wildcard', 'POST', '/api-keys', { name: 'k', rights: ['callbacks'], origins: ['https://*.example'] }, [400, 1001], 'origins[0]'],
    [
      'a user in an origin',
      'POST',
      '/api-keys',
      { name: 'k', rights: ['callbacks'], origins: ['https://u@a.example'] },
      [400, 1001],
      'origins[0]',
    ],
    ['an end in the past', 'POST', '/api-keys', { name: 'k', rights: ['callbacks'], expiresAt: inHours(-1) }, [400, 1001], 'expiresAt'],
    ['a name of nothing', 'POST', '/api-keys', { name: '', rights: ['callbacks'] }, [400, 1001], 'name'],
    ['a name of 10,000 characters', 'POST', '/api-keys', { name: 'x'.repeat(10_000), rights: ['callbacks'] }, [400, 1001], 'name'],
    ['a name that turns text round', 'POST', '/api-keys', { name: 'a\u202eb', rights: ['callbacks'] }, [400, 1001], 'name'],
    ['a name with something unseen', 'PUT', `/users/${encodeURIComponent('a\u200bb')}`, { groups: [] }, [400, 1001], 'name'],
    ['an address of 10,000 characters', 'PUT', `/users/${'x'.repeat(10_000)}`, { groups: [] }, [404, 3000]],
    ['an unknown group', 'PUT', '/users/eve', { groups: ['Nowhere'] }, [400, 1001], 'groups[0]'],
    ['a short password', 'PUT', '/users/eve', { password: '1234567' }, [400, 1001], 'password'],
    ['an unknown role', 'PUT', '/access-groups/G', { roles: ['Root'] }, [400, 1001], 'roles[0]'],
    ['an unknown member', 'PUT', '/access-groups/G', { members: ['eve'] }, [400, 1001], 'members[0]'],
    ['an unknown queue', 'PUT', '/access-groups/G', { reads: [{ queue: 'nowhere' }] }, [400, 1001], 'reads[0].queue'],
    ['an unknown folder', 'PUT', '/access-groups/G', { reads: [{ folder: 'nowhere' }] }, [400, 1001], 'reads[0].folder'],
    ['a folder in itself', 'PUT', '/folders/F', { parent: 'F' }, [400, 1001], 'parent'],
    ['an unknown field', 'PUT', '/folders/F', { children: [] }, [400, 1001], 'children'],
    ['a key of that name again', 'POST', '/api-keys', { name: 'web site', rights: ['callbacks'] }, [409, 4050]],
    ['the last administrator gone', 'DELETE', '/users/administrator', undefined, [409, 4052]],
    ['the last administrator demoted', 'PUT', '/users/administrator', { groups: [] }, [409, 4052]],
    ['no administrators', 'PUT', '/access-groups/Administrators', { roles: ['Administrator'], members: [] }, [409, 4052]],
    ['administrators without their role', 'PUT', '/access-groups/Administrators', { members: ['administrator'] }, [409, 4052]],
    ['the last administrator without tokens', 'DELETE', '/users/administrator/tokens', undefined, [409, 4052]],
  ];
  it.each(refusals)('%s', async (_what, method, path, body, answer, field) => {
    const isThere = /administrator/i.test(path);
    const refused = await asAdmin(method, path, body, isThere && !path.endsWith('/tokens') ? any : {});
    expect(codeOf(refused)).toEqual(answer);
    if (field !== undefined) expect(at(refused.body, 'status', 'errors', 0, 'path')).toBe(field);
    expect((await api.store.lastOf(ACCESS_STREAM))?.revision).toBe(before);
  });
});
