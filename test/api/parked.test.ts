import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
let developer: string;
let supervisor: string;
beforeAll(async () => {
  api = await startApi();
  developer = await api.token('dev', 'Developer');
  supervisor = await api.token('sue', 'Supervisor');
  await api.settle();
});
afterAll(() => api.close());

const as = (token: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.url, method, `/api/operations/parked${path}`, { authorization: `Bearer ${token}`, ...headers }, body);
const items = (answer: Answer) => at(answer.body, 'items') as Record<string, string>[];
const keyOf = ({ process, instance, entry, cause }: Record<string, string>) => ({ process, instance, entry, cause });

/** Books a callback, and parks what a process owes for it as the poller does after its last try. */
const park = async (minute: number): Promise<string> => {
  const booked = await ask(
    api.url,
    'POST',
    '/engagement/v3/callbacks/create',
    { 'x-api-key': api.apiKey },
    { serviceName: 'demo', phoneNumber: '+15105550100' },
  );
  const id = textAt(booked.body, 'data', 'id');
  await api.deps.readModels.waitFor((await api.store.lastPosition()) ?? 0n, 10_000);
  const parkedAt = new Date(NOW + minute * 60_000).toISOString();
  await sql`insert into todo_claims (process, instance, entry, cause, tries, lease_until, parked_at, last_error)
    select 'retention', instance, entry, cause, 11, ${parkedAt}, ${parkedAt}, 'RangeError' from todo where instance = ${id}`.execute(
    api.deps.readModels.db,
  );
  return id;
};

it('lists what is parked page by page, the longest parked first', async () => {
  const ids = [await park(2), await park(1), await park(1)].slice(0);
  const first = await as(api.adminToken, 'GET', '?limit=2');
  expect(first.body).toMatchObject({
    total: 3,
    items: [{ process: 'retention', entry: 'retire', tries: 11, lastError: 'RangeError' }, {}],
  });
  const second = await as(api.adminToken, 'GET', `?limit=2&cursor=${at(first.body, 'next')}`);
  expect(second.body).toMatchObject({ total: 3, next: null, items: [{ instance: ids[0] }] });
  expect(new Set([...items(first), ...items(second)].map(({ instance }) => instance))).toEqual(new Set(ids));
  expect(failureOf(await as(api.adminToken, 'GET', '?cursor=nonsense'))).toMatchObject({ status: 400, code: 1001 });
});

it('shows somebody only what is about callbacks of the queues that they read', async () => {
  const admin = { authorization: `Bearer ${api.adminToken}` };
  const limited = async (name: string, reads: object[]): Promise<string> => {
    await ask(api.url, 'PUT', `/api/users/${name}`, admin, {});
    await ask(api.url, 'PUT', `/api/access-groups/${name}`, admin, { roles: ['Developer'], members: [name], reads });
    return textAt((await ask(api.url, 'POST', `/api/users/${name}/tokens`, admin, {})).body, 'token');
  };
  const [seeing, blind] = [await limited('seeing', [{ queue: 'demo' }]), await limited('blind', [])];
  const [one] = items(await as(seeing, 'GET', '')).map(keyOf);
  expect((await as(seeing, 'GET', '')).body).toEqual((await as(developer, 'GET', '')).body);
  expect((await as(blind, 'GET', '')).body).toEqual({ items: [], next: null, total: 0 });
  expect(failureOf(await as(blind, 'POST', '/drop', one))).toMatchObject({ status: 409, code: 4014 });
});

it('keeps a retry and a drop as facts with who and why; they are listed no more, and a repeat does nothing', async () => {
  const [one, other] = items(await as(developer, 'GET', '')).map(keyOf);
  const retried = await as(developer, 'POST', '/retry', one, { 'x-reason': 'the line is repaired' });
  expect(retried.status).toBe(200);
  const dropped = await as(api.adminToken, 'POST', '/drop', other, { 'x-reason': 'nobody waits for it' });
  expect(dropped.status).toBe(200);
  const left = await as(developer, 'GET', '', undefined, { 'x-position': dropped.headers.get('x-position') ?? '' });
  expect(at(left.body, 'total')).toBe(1);

  const before = await api.store.lastPosition();
  expect((await as(developer, 'POST', '/retry', one)).status).toBe(200);
  expect(failureOf(await as(developer, 'POST', '/retry', other))).toMatchObject({ status: 409, code: 4014 });
  expect(await api.store.lastPosition()).toBe(before);

  const facts = [];
  for await (const { type, data, metadata } of api.store.readStream('process-retention')) facts.push({ type, data, metadata });
  expect(facts).toMatchObject([
    { type: 'ParkedEntryRetried', data: one, metadata: { actor: { kind: 'user', name: 'dev' }, reason: 'the line is repaired' } },
    { type: 'ParkedEntryDropped', data: other, metadata: { actor: { name: 'administrator' }, reason: 'nobody waits for it' } },
  ]);
});

it('refuses a decision about what isn’t parked, and one by who may not', async () => {
  const [parked] = items(await as(developer, 'GET', '')).map(keyOf);
  expect(failureOf(await as(developer, 'POST', '/drop', { ...parked, cause: 'another' }))).toMatchObject({ status: 409, code: 4014 });
  expect(failureOf(await as(developer, 'POST', '/drop', { ...parked, extra: 1 }))).toMatchObject({ status: 400 });
  expect(failureOf(await as(supervisor, 'POST', '/drop', parked))).toMatchObject({ status: 403 });
  expect(failureOf(await as(supervisor, 'GET', ''))).toMatchObject({ status: 403 });
  expect(at((await as(developer, 'GET', '')).body, 'total')).toBe(1);
});
