import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TIME_TO_LIVE_MS } from '../../src/domain/callback/decider.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
let developer: string;
let limited: string;
beforeAll(async () => {
  api = await startApi();
  developer = await api.token('dev', 'Developer');
  const admin = { authorization: `Bearer ${api.adminToken}` };
  await ask(api.url, 'PUT', '/api/users/other', admin, {});
  const group = { roles: ['Developer'], members: ['other'], reads: [] };
  await ask(api.url, 'PUT', '/api/access-groups/others', admin, group);
  limited = textAt((await ask(api.url, 'POST', '/api/users/other/tokens', admin, {})).body, 'token');
  await api.settle();
});
afterAll(() => api.close());

const as = (token: string, path: string, method = 'GET', body?: unknown): Promise<Answer> =>
  ask(api.url, method, `/api/operations${path}`, { authorization: `Bearer ${token}` }, body);

const book = async (): Promise<string> => {
  const body = { serviceName: 'demo', phoneNumber: '+15105550100' };
  const booked = await ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, body);
  return textAt(booked.body, 'data', 'id');
};
const shown = async () => {
  await api.projections.caughtUp();
  await api.projections.waitFor((await api.store.lastPosition()) ?? 0n, 20_000);
};
const db = () => api.deps.readModels.db;
const claim = (id: string, held: boolean, parkedAt: string | null) =>
  sql`
  insert into todo_claims (process, instance, entry, cause, tries, held, lease_until, parked_at)
  select 'retention', instance, entry, cause, 1, ${held}, ${new Date(NOW + 60_000).toISOString()}, ${parkedAt} from todo where instance = ${id}`.execute(
    db(),
  );

it('counts what a process owes: waiting, due since when, being done, and parked', async () => {
  const [due, claimed, parked] = [await book(), await book(), await book()];
  await book();
  await shown();
  const anchor = new Date(NOW - TIME_TO_LIVE_MS - 5_000).toISOString();
  await sql`update todo set anchor = ${anchor} where instance = any(${[due, claimed, parked]}::text[])`.execute(db());
  await claim(claimed, true, null);
  await claim(parked, false, new Date(NOW).toISOString());
  const counts = { waiting: 1, due: 1, claimed: 1, parked: 1, oldestDue: new Date(NOW - 5_000).toISOString() };
  const position = (await api.store.lastPosition())?.toString();
  const row = { name: 'retention', position, lagMs: 0, blocked: 0, problem: null };
  expect((await as(developer, '/processes')).body).toEqual({ items: [{ ...row, ...counts }], next: null, total: 1 });
  const none = { waiting: 0, due: 0, claimed: 0, parked: 0, oldestDue: null };
  expect((await as(limited, '/processes')).body, 'of queues that one doesn’t read nothing is counted').toMatchObject({ items: [none] });
  expect(failureOf(await as(developer, '/processes?cursor=nonsense'))).toMatchObject({ status: 400, code: 1001 });
});

it('lists what is blocked in the order of the log, page by page', async () => {
  const ids = [await book(), await book(), await book()];
  await shown();
  await sql`insert into projection_blocks ("table", scope, id, position, event_id, type, error)
    select b."table", 'key', to_json(l.key)::text, l.position, 'event', 'CallbackBooked', 'RangeError'
    from callback_list l join projection_builds b on b.name = 'callback_list' and b.served where l.key = any(${ids}::text[])`.execute(db());
  const first = (await as(developer, '/dead-letters?limit=2')).body;
  const row = { model: 'callback_list', scope: 'key', type: 'CallbackBooked', error: 'RangeError' };
  expect(first).toMatchObject({
    total: 3,
    items: [
      { ...row, key: ids[0] },
      { ...row, key: ids[1] },
    ],
  });
  const second = (await as(developer, `/dead-letters?limit=2&cursor=${at(first, 'next')}`)).body;
  expect(second).toMatchObject({ total: 3, next: null, items: [{ ...row, key: ids[2] }] });
  expect((await as(limited, '/dead-letters')).body).toEqual({ items: [], next: null, total: 0 });
});

it('a retry of what is blocked is a repair', async () => {
  const begun = await as(developer, '/dead-letters/retry', 'POST', { names: ['callback_list'] });
  expect(begun).toMatchObject({ status: 202, body: { task: 'repair', names: ['callback_list'] } });
});
