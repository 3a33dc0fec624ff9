import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPermitted, levelOf, type PermissionRow, permissionTable } from '../../src/api/auth/permissions.ts';
import { ask, at, failureOf } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
let supervisor: string;
let developer: string;
let monitor: string;
let nobody: string;
let statistics: string;
beforeAll(async () => {
  api = await startApi();
  supervisor = await api.token('sue', 'Supervisor');
  developer = await api.token('dev', 'Developer');
  monitor = await api.token('mona', 'Monitor');
  nobody = await api.token('nobody');
  statistics = await api.key('statistics', 'statistics');
  await api.settle();
});
afterAll(() => api.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const key = (secret: string) => ({ 'x-api-key': secret });
/** A body that would be refused, and an id that isn't there: access comes before both. */
const asked = async (method: string, path: string, headers: Record<string, string>) => {
  const { status, code } = failureOf(await ask(api.url, method, path, headers, method === 'GET' ? undefined : '{'));
  return [status, code];
};

const doors: [method: string, path: string][] = [
  ['POST', '/engagement/v3/callbacks/create'],
  ['POST', '/engagement/v3/callbacks/cancel'],
  ['POST', '/engagement/v3/callbacks/retrieve'],
  ['GET', '/engagement/v3/nope'],
  ['GET', '/api/callbacks?page=wrong'],
  ['POST', '/api/callbacks'],
  ['GET', '/api/callbacks/nope'],
  ['GET', '/api/callbacks/nope/history'],
  ['POST', '/api/callbacks/nope/cancel'],
  ['POST', '/api/callbacks/nope/reschedule'],
  ['GET', '/api/configuration'],
  ['PUT', '/api/configuration'],
  ['GET', '/api/queue-settings'],
  ['PUT', '/api/queue-settings'],
  ['GET', '/api/queue-settings/nope'],
  ['PUT', '/api/queue-settings/nope'],
  ['DELETE', '/api/queue-settings/nope'],
  ['GET', '/api/queues/nope/rules'],
  ['PUT', '/api/queues/nope/rules'],
  ['GET', '/api/business-hours'],
  ['GET', '/api/business-hours/nope'],
  ['PUT', '/api/business-hours/nope'],
  ['DELETE', '/api/business-hours/nope'],
  ['GET', '/api/rules/capacity'],
  ['GET', '/api/rules/capacity/nope'],
  ['PUT', '/api/rules/capacity/nope'],
  ['DELETE', '/api/rules/capacity/nope'],
  ['GET', '/api/rules/capacity/nope/statement'],
  ['PUT', '/api/rules/capacity/nope/statement'],
  ['GET', '/api/rules/numbers'],
  ['GET', '/api/rules/numbers/nope'],
  ['PUT', '/api/rules/numbers/nope'],
  ['DELETE', '/api/rules/numbers/nope'],
  ['POST', '/api/rules/numbers/nope/test'],
  ['GET', '/api/rules/regions'],
  ['GET', '/api/rules/regions/nope'],
  ['PUT', '/api/rules/regions/nope'],
  ['DELETE', '/api/rules/regions/nope'],
  ['GET', '/api/operations/projections'],
  ['POST', '/api/operations/rebuild'],
  ['POST', '/api/operations/verify'],
  ['POST', '/api/operations/repair'],
  ['POST', '/api/operations/dead-letters/retry'],
  ['GET', '/api/operations/processes'],
  ['GET', '/api/operations/dead-letters'],
  ['GET', '/api/operations/parked'],
  ['POST', '/api/operations/parked/retry'],
  ['POST', '/api/operations/parked/drop'],
  ['GET', '/api/nope'],
  ['PUT', '/contact-center/agents'],
  ['POST', '/contact-center/attempts/x.1/outcome'],
  ['POST', '/contact-center/attempts/x.1/connected'],
  ['POST', '/contact-center/attempts/x.1/ended'],
  ['POST', '/contact-center/attempts/x.1/withdrawn'],
  ['GET', '/contact-center/nope'],
];

describe('without credentials', () => {
  it.each(doors)('%s %s is 401, whatever the body', async (method, path) => expect(await asked(method, path, {})).toEqual([401, 2001]));

  it('health, metrics, description and session answer', async () => {
    for (const path of ['/health/live', '/health/ready', '/metrics', '/docs', '/docs/openapi.json', '/api/session']) {
      expect((await ask(api.url, 'GET', path)).status).toBe(200);
    }
  });

  it('is what an empty or half-written header comes to', async () => {
    for (const headers of [
      { authorization: '' },
      { authorization: 'Bearer ' },
      { authorization: api.adminToken },
      { authorization: `Basic ${api.adminToken}` },
      key(''),
    ]) {
      expect(await asked('GET', '/api/callbacks', headers)).toEqual([401, 2001]);
    }
  });
});

describe('with unknown credentials', () => {
  it.each(doors)('%s %s is 401', async (method, path) => {
    expect(await asked(method, path, key(`${api.apiKey}x`))).toEqual([401, 2002]);
  });

  it('such as a token where a key is asked for, or a key where a token is, it is 401', async () => {
    expect(await asked('POST', '/engagement/v3/callbacks/create', key(api.adminToken))).toEqual([401, 2002]);
    expect(await asked('GET', '/api/callbacks', bearer(api.apiKey))).toEqual([401, 2002]);
    expect(await asked('PUT', '/contact-center/agents', bearer(api.adminToken))).toEqual([401, 2002]);
    expect(await asked('POST', '/engagement/v3/callbacks/create', bearer(api.apiKey))).toEqual([401, 2001]);
  });

  it('even where anybody may ask, it is 401', async () =>
    expect(await asked('GET', '/api/session', bearer('unknown'))).toEqual([401, 2002]));

  it('tells browsers how to sign in', async () => {
    expect((await ask(api.url, 'GET', '/api/callbacks')).headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('without the right', () => {
  it('a key is 403, before its body is read', async () => {
    for (const path of ['create', 'cancel', 'retrieve']) {
      expect(await asked('POST', `/engagement/v3/callbacks/${path}`, key(statistics))).toEqual([403, 2003]);
      expect(await asked('POST', `/engagement/v3/callbacks/${path}`, key(api.connectorKey))).toEqual([403, 2003]);
    }
    expect(await asked('PUT', '/contact-center/agents', bearer(api.apiKey))).toEqual([403, 2003]);
    expect(await asked('POST', '/contact-center/attempts/x.1/ended', key(api.apiKey))).toEqual([403, 2003]);
  });

  it('a key has no business with what only users do', async () => {
    expect(await asked('GET', '/api/callbacks', key(api.apiKey))).toEqual([403, 2003]);
    expect(await asked('POST', '/api/callbacks', key(api.apiKey))).toEqual([403, 2003]);
    expect(await asked('PUT', '/api/queue-settings/x', key(api.apiKey))).toEqual([403, 2003]);
  });

  it('a user is 403, before the parameters are read and before it is said whether the callback is there', async () => {
    expect(await asked('GET', '/api/callbacks?page=wrong', bearer(nobody))).toEqual([403, 2003]);
    expect(await asked('POST', '/api/callbacks/nope/cancel', bearer(monitor))).toEqual([403, 2003]);
    expect(await asked('PUT', '/api/queue-settings/nope', bearer(developer))).toEqual([403, 2003]);
    expect(await asked('GET', '/api/queue-settings', bearer(monitor))).toEqual([403, 2003]);
  });
});

describe('with the right', () => {
  it('what is wrong with the body comes next, then what isn’t there', async () => {
    expect(await asked('POST', '/api/callbacks/nope/cancel', bearer(supervisor))).toEqual([400, 1002]);
    expect(await asked('POST', '/api/callbacks/nope/cancel', key(api.apiKey))).toEqual([400, 1002]);
    expect(failureOf(await ask(api.url, 'POST', '/api/callbacks/nope/cancel', key(api.apiKey), {}))).toMatchObject({
      status: 404,
      code: 3001,
    });
    expect(await asked('GET', '/api/callbacks/nope', bearer(developer))).toEqual([404, 3001]);
  });

  it('a connector reports by either header', async () => {
    const report = (sequence: number) => ({ source: 'either', sequence, agents: [] });
    expect((await ask(api.url, 'PUT', '/contact-center/agents', bearer(api.connectorKey), report(1))).status).toBe(200);
    expect((await ask(api.url, 'PUT', '/contact-center/agents', key(api.connectorKey), report(2))).status).toBe(200);
  });

  it('the session says who asks and with which permissions', async () => {
    const session = async (headers: Record<string, string>) => (await ask(api.url, 'GET', '/api/session', headers)).body;
    expect(await session(bearer(developer))).toEqual({
      ...{ actor: { kind: 'user', id: 'dev', name: 'dev' }, groups: ['Callback Developers'], roles: ['Developer'], rights: [] },
      permissions: {
        ...{ callbacks: 'R', tools: 'R', stopSwitch: 'R', ownSession: 'W', numberRules: 'W', capacityRules: 'R', regionRules: 'R' },
        ...{ callInGroups: 'R', callInRecords: 'R', developer: 'W', queueSettings: 'R', operations: 'W' },
      },
    });
    expect(await session(key(statistics))).toMatchObject({
      actor: { kind: 'client', name: 'statistics' },
      rights: ['statistics'],
      permissions: {},
    });
    expect(await session({})).toEqual({ actor: null, groups: [], roles: [], rights: [], permissions: {} });
  });

  it('a row says what the one who asks may do with it', async () => {
    const booked = await ask(api.url, 'POST', '/engagement/v3/callbacks/create', key(api.apiKey), {
      serviceName: 'demo',
      phoneNumber: '+15105550100',
    });
    const path = `/api/callbacks/${at(booked.body, 'data', 'id')}`;
    const may = async (token: string) => at((await ask(api.url, 'GET', path, bearer(token))).body, 'canCancel');
    expect([await may(supervisor), await may(developer), await may(monitor)]).toEqual([true, false, false]);
  });
});

describe('several roles', () => {
  it('give the widest of their levels, in any order', () => {
    expect(levelOf(['Developer', 'Supervisor'], 'callbacks')).toBe('W');
    expect(levelOf(['Supervisor', 'Developer'], 'queueSettings')).toBe('R');
    expect(levelOf(['Monitor', 'Developer'], 'operations')).toBe('W');
  });
  it('that are none give nothing', () => {
    const user = { kind: 'user', id: 'x', name: 'x', groups: ['Agents'], roles: [], reads: 'all' } as const;
    for (const row of Object.keys(permissionTable) as PermissionRow[]) expect(isPermitted(user, { user: [row, 'R'] })).toBe(false);
  });
});
