import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type ErrorsQuery, KEPT_MS, type NotedFailure } from '../../src/api/errors-list/failed-query.ts';
import { ACCESS_STREAM } from '../../src/domain/access/events.ts';
import { startErrorsList } from '../../src/service/errors-list.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

const MARK = '15105550177';
const DAY = 86_400_000;

let api: TestApi;
let developer: string;
beforeAll(async () => {
  api = await startApi();
  developer = await api.token('dev', 'Developer');
  await api.settle();
});
afterAll(() => api.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const corrIdOf = (answer: Answer): string => answer.headers.get('x-correlation-id') ?? '';
const errors = (path = '', token = developer, from = api): Promise<Answer> => ask(from.url, 'GET', `/api/errors${path}`, bearer(token));
const detailOf = async (answer: Answer, token = developer, from = api): Promise<Answer> => errors(`/${corrIdOf(answer)}`, token, from);
const items = (answer: Answer) => at(answer.body, 'items') as Record<string, unknown>[];
const create = (body: unknown, headers: Record<string, string> = {}, to = api): Promise<Answer> =>
  ask(to.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': to.apiKey, ...headers }, body);
const whole = async (from = api): Promise<string> =>
  JSON.stringify((await sql`select * from ops_errors`.execute(from.deps.readModels.db)).rows);

describe('a query that failed', () => {
  it('is found by its correlation id: route, names of parameters, method, time, status, code, message and cause', async () => {
    const answer = await ask(api.url, 'GET', '/api/callbacks?limit=0&column=phoneNumber&contains=5105550177', bearer(api.adminToken));
    expect((await detailOf(answer)).body).toEqual({
      correlationId: corrIdOf(answer),
      at: new Date(NOW).toISOString(),
      ...{ method: 'GET', route: '/api/callbacks', parameters: ['column', 'contains', 'limit'], status: 400, code: 1001, queue: null },
      message: 'Some fields are missing or wrong. Correct those listed under errors and send the request again.',
      cause: 'INVALID_FIELDS: limit',
    });
  });

  it('has the numbers of its message', async () => {
    const token = { ...bearer(api.adminToken), 'if-match': '*' };
    const file = { items: Array.from({ length: 101 }, (_, n) => ({ queue: `q${n}`, settings: { pacing: 7 } })) };
    const refused = [
      await ask(api.url, 'PUT', '/api/queue-settings', token, file),
      await ask(api.url, 'POST', '/api/do-not-call', token, '{'),
    ];
    for (const answer of refused) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(textAt((await detailOf(answer)).body, 'message')).toBe(textAt(answer.body, 'status', 'message'));
    }
    expect(textAt(refused[0]?.body, 'status', 'message')).toContain('and 1 more');
  });

  it('is listed, whichever door it came to, whoever asked and however far it got', async () => {
    const token = bearer(api.adminToken);
    const failed: [Answer, object][] = [
      [await create({}, { 'x-api-key': 'nobody' }), { route: '/engagement/v3/callbacks/create', method: 'POST', status: 401, code: 2002 }],
      [await create('{'), { status: 400, code: 1002 }],
      [await create({ serviceName: 'demo', phoneNumber: '+1' }), { status: 400, code: 7036, queue: 'demo' }],
      [await create({ serviceName: 'nowhere', phoneNumber: '+15105550100' }), { status: 400, code: 7040, queue: null }],
      [await ask(api.url, 'GET', '/api/callbacks/nope', token), { route: '/api/callbacks/:id', status: 404, code: 3001 }],
      [await ask(api.url, 'GET', '/api/nope', token), { route: 'unknown', status: 404, code: 3000 }],
      [await ask(api.url, 'GET', '/api/%zz', token), { route: 'unknown', status: 400, code: 1000 }],
      [
        await ask(api.url, 'DELETE', '/api/queue-settings/default', { ...token, 'if-match': '*' }),
        { status: 409, code: 4012, queue: 'default' },
      ],
      [await ask(api.url, 'PUT', '/contact-center/agents', { 'x-api-key': api.apiKey }, {}), { status: 403, code: 2003 }],
    ];
    for (const [answer, row] of failed) expect((await detailOf(answer)).body).toMatchObject(row);
  });

  it('that can’t be read as HTTP is listed, too', async () => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.end('NONSENSE\r\n\r\n');
    const [chunk] = await once(socket, 'data');
    const [, corrId] = /x-correlation-id: (\S+)/.exec(String(chunk)) ?? [];
    expect((await errors(`/${corrId}`)).body).toMatchObject({ status: 400, code: 1000, route: 'unknown', cause: 'MALFORMED_REQUEST' });
  });

  it('isn’t one when it succeeded, or asked for health, metrics or the description', async () => {
    const aside = ['/health/nope', '/metrics?x', '/metrics/nope', '/docs/nope', '/docs/static/nope'];
    const answers = await Promise.all(aside.map((path) => ask(api.url, 'GET', path)));
    expect(answers.some(({ status }) => status === 404)).toBe(true);
    for (const answer of [...answers, await create({ serviceName: 'demo', phoneNumber: '+15105550100' })])
      expect(failureOf(await detailOf(answer))).toMatchObject({ status: 404, code: 3020 });
  });

  it('keeps nothing of what the asker sent but names that the route knows, wherever it was put', async () => {
    const token = bearer(api.adminToken);
    const key = { 'x-api-key': api.apiKey };
    const booked = textAt((await create({ serviceName: 'demo', phoneNumber: `+${MARK}` })).body, 'data', 'id');
    const asked: (() => Promise<Answer>)[] = [
      () => create({ serviceName: MARK, phoneNumber: '+15105550100' }),
      () => create({ serviceName: 'demo', phoneNumber: `${MARK}${MARK}` }),
      () => create({ serviceName: 'demo', phoneNumber: '+15105550100', priority: MARK, userData: { [MARK]: { [MARK]: [] } } }),
      () => create(`{"serviceName":"demo","userData":{"${MARK}":{"__proto__":"${MARK}"}}}`),
      () => create(`{"${MARK}`),
      () => create({}, { 'x-api-key': MARK }),
      () => create({ serviceName: 'demo' }, { 'x-reason': MARK, 'idempotency-key': `${MARK} ` }),
      () => create('x', { 'content-type': `text/${MARK}` }),
      () => ask(api.url, 'POST', '/api/callbacks', token, { [MARK]: 1, [`p${MARK}`]: 1 }),
      () => ask(api.url, 'GET', `/api/callbacks?${MARK}=1&p${MARK}=1`, token),
      () => ask(api.url, 'GET', `/api/callbacks/${MARK}`, token),
      () => ask(api.url, 'GET', `/api/${MARK}`, token),
      () => ask(api.url, 'GET', `/${MARK}`, token),
      () => ask(api.url, 'GET', `/api/errors/${MARK}`, token),
      () => ask(api.url, 'GET', `/api/queue-settings/${MARK}`, token),
      () => ask(api.url, 'PUT', `/api/queue-settings/demo`, token, { [`p${MARK}`]: 1, callDisplayName: [MARK] }),
      () => ask(api.url, 'POST', `/contact-center/attempts/${MARK}.1/outcome`, { 'x-api-key': api.connectorKey }, { outcome: MARK }),
      () => ask(api.url, 'POST', '/engagement/v3/callbacks/retrieve', key, { id: MARK }),
      () => ask(api.url, 'POST', `/api/callbacks/${booked}/reschedule`, token, { desiredTime: '2026-03-03T10:00:00Z' }),
    ];
    for (const one of asked) {
      const answer = await one();
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect((await detailOf(answer)).status).toBe(200);
    }
    const kept = await whole();
    expect(kept).not.toContain('5105550177');
    expect(kept).not.toContain(booked);
  });
});

describe('the list', () => {
  const page = async (query: string, token = developer) => {
    const answer = await errors(`?${query}`, token);
    expect(answer.status).toBe(200);
    return answer;
  };

  it('shows the latest first, page by page, each once, in any of its orders', async () => {
    await api.clock.advanceBy(1_000);
    for (const number of ['x', '+1', 'y', '+15105550100123456', 'z']) await create({ serviceName: 'demo', phoneNumber: number });
    const total = Number(at((await page('')).body, 'total'));
    expect(total).toBeGreaterThan(20);
    for (const sort of ['-at', 'at', 'status', '-status', 'code', '-code']) {
      const listed: Record<string, unknown>[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await page(`sort=${sort}&limit=7${cursor}`);
        expect(at(body, 'total')).toBe(total);
        listed.push(...(at(body, 'items') as Record<string, unknown>[]));
        const next = at(body, 'next');
        if (next === null) break;
        cursor = `&cursor=${next}`;
      }
      expect(new Set(listed.map(({ correlationId }) => correlationId)).size).toBe(total);
      const field = sort.replace('-', '');
      const values = listed.map((row) => (field === 'at' ? Date.parse(String(row.at)) : Number(row[field])));
      expect(values).toEqual([...values].sort((a, b) => (sort.startsWith('-') ? b - a : a - b)));
    }
  });

  it('filters by time, status and code', async () => {
    const from = new Date(NOW + 1_000).toISOString();
    expect(items(await page(`from=${from}`)).every(({ at }) => String(at) >= from)).toBe(true);
    expect(items(await page(`to=${from}`)).every(({ at }) => String(at) < from)).toBe(true);
    expect(at((await page(`from=${from}`)).body, 'total')).toBe(5);
    expect(new Set(items(await page('status=401&status=404')).map(({ status }) => status))).toEqual(new Set([401, 404]));
    expect(new Set(items(await page('code=7036')).map(({ code }) => code))).toEqual(new Set([7036]));
  });

  it.each([
    ['sort=route', 'sort'],
    ['limit=251', 'limit'],
    ['status=200', 'status[0]'],
    ['code=x', 'code[0]'],
    ['from=yesterday', 'from'],
    ['from=2026-03-02T00:00:00Z&to=2026-03-02T00:00:00Z', 'to'],
    ['cursor=nonsense', 'cursor'],
    [`cursor=${Buffer.from('{"sort":"-at","value":5,"correlationId":"x"}').toString('base64url')}`, 'cursor'],
    ['page=2', 'page'],
  ])('refuses %s', async (query, path) =>
    expect(failureOf(await errors(`?${query}`))).toMatchObject({ status: 400, code: 1001, errors: [{ path }] }),
  );

  it('is for Administrators and Developers', async () => {
    const [supervisor, monitor] = [await api.token('sue', 'Supervisor'), await api.token('mona', 'Monitor')];
    await api.settle();
    for (const path of ['', '/x']) {
      expect((await errors(path, supervisor)).status).toBe(403);
      expect((await errors(path, monitor)).status).toBe(403);
      expect((await ask(api.url, 'GET', `/api/errors${path}`)).status).toBe(401);
    }
    expect((await errors('', api.adminToken)).status).toBe(200);
  });
});

describe('to somebody who doesn’t read every queue', () => {
  const put = (queue: string) => ask(api.url, 'PUT', `/api/queue-settings/${queue}`, bearer(api.adminToken), {});
  const developerReading = async (queue: string): Promise<string> => {
    const user = `reads ${queue}`;
    const now = new Date(api.clock.now()).toISOString();
    const token = await api.token(user);
    const context = { correlationId: 'c', causationId: 'c', commandId: randomUUID(), actor: { kind: 'user', id: 'a', name: 'a' } } as const;
    await api.store.append(
      ACCESS_STREAM,
      [
        { type: 'AccessGroupPut', data: { group: `G ${queue}`, roles: ['Developer'], members: [user], reads: [{ queue }], at: now } },
        { type: 'UserPut', data: { user, passwordHash: null, groups: [`G ${queue}`], at: now } },
      ],
      'any',
      context,
    );
    return token;
  };
  let left: string;
  let right: string;
  beforeAll(async () => {
    await put('left');
    await put('right');
    [left, right] = [await developerReading('left'), await developerReading('right')];
    await api.settle();
  });
  const seenBy = async (answer: Answer): Promise<number[]> =>
    Promise.all([left, right, developer].map(async (token) => (await detailOf(answer, token)).status));

  it('a hidden queue’s errors don’t exist, whether it was named or the callback was', async () => {
    expect(await seenBy(await create({ serviceName: 'left', phoneNumber: '+1' }))).toEqual([200, 404, 200]);
    const booked = await create({ serviceName: 'right', phoneNumber: '+15105550100' });
    await api.deps.readModels.waitFor(BigInt(booked.headers.get('x-position') ?? 0), 10_000);
    const path = `/api/callbacks/${textAt(booked.body, 'data', 'id')}/reschedule`;
    const moved = await ask(api.url, 'POST', path, bearer(api.adminToken), { desiredTime: '2026-03-04T10:00:00Z' });
    expect(failureOf(moved)).toMatchObject({ status: 409, code: 4002 });
    expect(await seenBy(moved)).toEqual([404, 200, 200]);
    expect(items(await errors('', left)).some(({ queue }) => queue === 'right')).toBe(false);
    expect(at((await errors('?code=4002', left)).body, 'total')).toBe(0);
    expect(at((await errors('?code=4002', right)).body, 'total')).toBe(1);
  });

  it('failures about a hidden queue and about one that isn’t there show alike', async () => {
    const outcome = async (queue: string) => {
      const answer = await ask(api.url, 'PUT', `/api/queue-settings/${queue}`, bearer(right), { pacing: 7 });
      const { body } = await detailOf(answer, right);
      return { status: answer.status, ...(body as object), correlationId: '' };
    };
    expect(await outcome('left')).toEqual(await outcome('nowhere'));
  });
});

describe('what is old', () => {
  it('leaves the list after 14 days by the service’s clock, and the table', async () => {
    const other = await startApi();
    onTestFinished(other.close);
    const answer = await create({ serviceName: 'demo', phoneNumber: 'x' }, {}, other);
    const found = () => detailOf(answer, other.adminToken, other);
    expect((await found()).status).toBe(200);
    await other.clock.advanceTo(NOW + KEPT_MS);
    expect((await found()).status).toBe(200);
    await other.clock.advanceTo(NOW + KEPT_MS + 1);
    expect((await found()).status).toBe(404);
    await other.clock.advanceTo(NOW + KEPT_MS + DAY);
    await expect.poll(async () => await whole(other)).not.toContain(corrIdOf(answer));
  });
});

describe('a flood', () => {
  it('fills no more of the list than one asker may in an hour, leaves room for others, and is counted', async () => {
    const other = await startApi();
    onTestFinished(other.close);
    const flood = async (count: number) => {
      for (let sent = 0; sent < count; sent += 50)
        await Promise.all(Array.from({ length: 50 }, () => create({}, { 'x-api-key': 'guess' }, other)));
    };
    await flood(600);
    const total = async (query: string) => at((await errors(query, other.adminToken, other)).body, 'total');
    expect(await total('?code=2002')).toBe(500);
    expect((await ask(other.url, 'GET', '/metrics')).text).toContain('ringback_errors_unlisted_total{because="asker"} 100');

    const customer = await create({ serviceName: 'demo', phoneNumber: 'x' }, {}, other);
    expect((await detailOf(customer, other.adminToken, other)).status).toBe(200);
    await other.clock.advanceBy(3_600_000);
    await flood(50);
    expect(await total('?code=2002')).toBe(550);
  });

  it('by everybody at once fills no more than all may in an hour', async () => {
    const list = startErrorsList({ ...api.deps, db: api.deps.readModels.db, clock: api.clock, budget: { asker: 3, all: 5 } });
    onTestFinished(list.close);
    for (const asker of ['a', 'b', 'c']) for (let one = 0; one < 4; one += 1) list.note({ ...noted(), asker });
    expect(list.unlisted()).toEqual({ buffer: 0, asker: 1, all: 6 });
  });
});

const noted = (): NotedFailure => ({
  ...{
    correlationId: randomUUID(),
    at: new Date(NOW).toISOString(),
    method: 'GET',
    route: '/api/x',
    parameters: [],
    status: 400,
    code: 1234,
  },
  ...{ message: 'No.', cause: 'NO', queue: null, reads: 'all', asker: randomUUID(), callbackId: null },
});
const all: ErrorsQuery = {
  ...{ from: undefined, to: undefined, status: undefined, code: [1234], sort: 'at', descending: false, limit: 1_000, after: undefined },
};

describe('while Postgres is away', () => {
  it('the newest failures wait in memory, and are written when it is back', async () => {
    const { db } = api.deps.readModels;
    await sql`delete from ops_errors where code = 1234`.execute(db);
    const list = startErrorsList({ db, clock: api.clock, log: api.deps.log, mostWaiting: 10 });
    onTestFinished(list.close);
    await list.list(all, 'all');
    await sql`alter table ops_errors rename to gone`.execute(db);
    const failures = Array.from({ length: 25 }, noted);
    for (const failure of failures) list.note(failure);
    expect(list.unlisted()).toEqual({ buffer: 15, asker: 0, all: 0 });
    await expect.poll(() => api.lines.filter((line) => line.includes('could not be written to the errors list')).length).toBe(1);
    await sql`alter table gone rename to ops_errors`.execute(db);
    const listed = async () => (await list.list(all, 'all')).rows.map(({ correlationId }) => correlationId).sort();
    await expect.poll(listed).toEqual(
      failures
        .slice(15)
        .map(({ correlationId }) => correlationId)
        .sort(),
    );
  });

  it('the list is 503, and what fails is answered as ever', async () => {
    const other = await startApi();
    onTestFinished(other.close);
    await other.loseDatabase();
    expect(failureOf(await create({ serviceName: 'demo', phoneNumber: 'x' }, {}, other))).toMatchObject({ status: 400, code: 7030 });
    expect(failureOf(await errors('', other.adminToken, other))).toMatchObject({ status: 503, code: 5002 });
  });
});

it('a failing query doesn’t wait for the list: it is answered while nothing can be written', async () => {
  const other = await startApi();
  onTestFinished(other.close);
  const { db } = other.deps.readModels;
  expect((await errors('', other.adminToken, other)).status).toBe(200);
  await db.transaction().execute(async (tx) => {
    await sql`lock table ops_errors in access exclusive mode`.execute(tx);
    expect((await create({ serviceName: 'demo', phoneNumber: 'x' }, {}, other)).status).toBe(400);
    expect((await create({ serviceName: 'demo', phoneNumber: 'y' }, {}, other)).status).toBe(400);
  });
  await expect.poll(async () => at((await errors('?code=7030', other.adminToken, other)).body, 'total')).toBe(2);
});
