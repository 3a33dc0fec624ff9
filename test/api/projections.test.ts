import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ModelWork } from '../../src/api/operations/model-tasks.ts';
import { modelWork } from '../../src/service/model-work.ts';
import { oneAtATime } from '../../src/service/one-at-a-time.ts';
import { deferred } from '../support/deferred.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
let developer: string;
let supervisor: string;
/** False: as on a node that doesn't do the work. */
let worksHere = true;
beforeAll(async () => {
  api = await startApi(({ modelWork: here, readModels: { db }, commands: { clock }, log }) => {
    const elsewhere = modelWork({
      ...{ db, engine: () => undefined, lagMs: async () => 0, processes: ['retention'], exclusive: oneAtATime(), clock, log },
    });
    const one = (): ModelWork => (worksHere ? here : elsewhere);
    return { modelWork: { list: () => one().list(), last: () => one().last(), start: (task, names) => one().start(task, names) } };
  });
  developer = await api.token('dev', 'Developer');
  supervisor = await api.token('sue', 'Supervisor');
  await api.settle();
  await api.projections.caughtUp();
});
afterAll(() => api.close());

const as = (token: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  ask(api.url, method, `/api/operations${path}`, { authorization: `Bearer ${token}` }, body);
const list = async () => (await as(developer, 'GET', '/projections')).body;
/** What a task came to, once it is done. */
const done = async (): Promise<unknown> => {
  await expect.poll(async () => at(await list(), 'task', 'endedAt'), { timeout: 20_000 }).not.toBeNull();
  return at(await list(), 'task');
};
const shown = async (): Promise<string> => {
  const last = (await api.store.lastPosition()) ?? 0n;
  expect(await api.projections.waitFor(last, 20_000)).toBe(true);
  return last.toString();
};
const book = async (phoneNumber: string): Promise<string> => {
  const headers = { 'x-api-key': api.apiKey };
  const booked = await ask(api.url, 'POST', '/engagement/v3/callbacks/create', headers, { serviceName: 'demo', phoneNumber });
  return textAt(booked.body, 'data', 'id');
};
const row = (name: string, kind: string, more: object = {}) => ({
  ...{ name, kind, version: expect.any(Number), lagMs: 0, blocked: 0, problem: null, building: null },
  ...more,
});

it('lists every read model and process with how far it is, the same on a node that another one keeps them for', async () => {
  await book('+15105550100');
  const position = await shown();
  const items = [
    row('audit_index', 'read-model', { position }),
    row('callback_list', 'read-model', { position }),
    row('do_not_call', 'read-model', { position }),
    row('log_instants', 'read-model', { position }),
    row('retention', 'process', { position }),
  ];
  const byName = ({ items, ...rest }: { items: { name: string }[] }) => ({
    items: items.sort((a, b) => (a.name < b.name ? -1 : 1)),
    ...rest,
  });
  expect(byName((await list()) as { items: { name: string }[] })).toEqual({ items, task: null });
  worksHere = false;
  const elsewhere = byName((await list()) as { items: { name: string }[] });
  worksHere = true;
  expect(elsewhere.items).toEqual(items);
});

it('begins a rebuild or a verification, and shows what it came to', async () => {
  const startedAt = new Date(NOW).toISOString();
  const begun = await as(developer, 'POST', '/rebuild', { names: ['retention'] });
  expect(begun.status).toBe(202);
  expect(begun.body).toEqual({ task: 'rebuild', names: ['retention'], startedAt, endedAt: null, error: null, results: [] });
  expect(await done()).toMatchObject({ task: 'rebuild', endedAt: startedAt, error: null, results: [{ name: 'retention' }] });

  await sql`update callback_list set queue = 'another'`.execute(api.deps.readModels.db);
  expect((await as(api.adminToken, 'POST', '/verify', {})).status).toBe(202);
  const results = [
    { name: 'callback_list', differing: 1 },
    { name: 'do_not_call', differing: 0 },
    { name: 'log_instants', differing: 0 },
    { name: 'audit_index', differing: 0 },
    { name: 'retention', differing: 0 },
  ];
  expect(await done()).toMatchObject({ task: 'verify', error: null, results });
  expect((await as(developer, 'POST', '/rebuild', {})).status).toBe(202);
  await done();
  expect((await as(developer, 'POST', '/verify', { names: ['callback_list'] })).status).toBe(202);
  expect(await done()).toMatchObject({ names: ['callback_list'], results: [{ name: 'callback_list', differing: 0 }] });
});

it('lets blocked keys go on without a restart, once what blocked them is mended', async () => {
  const { db } = api.deps.readModels;
  const { rows } = await sql<{
    table: string;
  }>`select "table" from projection_builds where name = 'callback_list' and served`.execute(db);
  const table = sql.table(rows[0]?.table ?? '');
  await sql`alter table ${table} add constraint refuses check (phone_number <> '+15105550199')`.execute(db);
  const id = await book('+15105550199');
  await shown();
  const standing = async () => (at(await list(), 'items') as { blocked: number }[])[0]?.blocked;
  expect(await standing()).toBe(1);
  worksHere = false;
  expect(at(await list(), 'items')).toContainEqual(expect.objectContaining({ name: 'callback_list', blocked: 1 }));
  worksHere = true;

  await as(developer, 'POST', '/repair', {});
  expect(at(await done(), 'results')).toContainEqual({ name: 'callback_list', repaired: 0, blocked: 1 });
  await sql`alter table ${table} drop constraint refuses`.execute(db);
  expect((await as(developer, 'POST', '/repair', { names: ['callback_list'] })).status).toBe(202);
  expect(await done()).toMatchObject({ task: 'repair', error: null, results: [{ name: 'callback_list', repaired: 1, blocked: 0 }] });
  expect(await standing()).toBe(0);
  expect((await sql`select 1 from callback_list where key = ${id}`.execute(db)).rows).toHaveLength(1);
});

it('does one thing at a time, and takes turns with the commands of the service', async () => {
  const end = deferred();
  const backup = api.exclusive('backup', () => end.promise);
  for (const task of ['rebuild', 'verify', 'repair']) {
    const refused = await as(developer, 'POST', `/${task}`, {});
    expect(failureOf(refused)).toMatchObject({ status: 409, code: 4015 });
    expect(refused.text).toContain('A backup is under way');
  }
  end.resolve();
  await backup;
  expect(api.deps.modelWork.start('verify').is).toBe('started');
  await expect(api.exclusive('backup', async () => {})).rejects.toThrow('A verify is under way');
  expect(api.deps.modelWork.start('rebuild')).toEqual({ is: 'busy', with: 'verify' });
  await done();
  expect((await as(developer, 'POST', '/repair', {})).status).toBe(202);
  await done();
});

it('is refused where another node does the work, for names that there are not, and to who may not', async () => {
  const before = at(await list(), 'task');
  worksHere = false;
  for (const task of ['rebuild', 'verify', 'repair'])
    expect(failureOf(await as(developer, 'POST', `/${task}`, {}))).toMatchObject({ status: 409, code: 4016 });
  worksHere = true;
  const strange = failureOf(await as(developer, 'POST', '/rebuild', { names: ['callback_list', 'nothing'] }));
  expect(strange).toMatchObject({ status: 400, code: 1001, errors: [{ path: 'names[1]' }] });
  for (const body of [{ names: [] }, { names: 'callback_list' }, { extra: 1 }])
    expect(failureOf(await as(developer, 'POST', '/verify', body))).toMatchObject({ status: 400, code: 1001 });
  expect(failureOf(await as(supervisor, 'POST', '/repair', {}))).toMatchObject({ status: 403 });
  expect(failureOf(await as(supervisor, 'GET', '/projections'))).toMatchObject({ status: 403 });
  expect(at(await list(), 'task')).toEqual(before);
});
