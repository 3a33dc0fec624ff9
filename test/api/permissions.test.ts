import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { levelOf, permissionTable, type RoutePermission } from '../../src/api/auth/permissions.ts';
import { type Right, rights } from '../../src/domain/access/events.ts';
import { type Role, roles } from '../../src/domain/access/roles.ts';
import { ask, failureOf } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
const tokens = new Map<string, string>();
const keys = new Map<Right, string>();
const combinations: readonly (readonly Role[])[] = [...roles.map((role) => [role]), ['Developer', 'Supervisor'], []];

beforeAll(async () => {
  api = await startApi();
  for (const combination of combinations) {
    tokens.set(combination.join('+'), await api.token(`somebody ${combination.join(' and ') || 'without a role'}`, ...combination));
  }
  for (const right of rights) keys.set(right, await api.key(`only ${right}`, right));
  await api.settle();
});
afterAll(() => api.close());

/** Nothing of these names is there, and the body is no JSON: whoever is let in changes nothing. */
const addressOf = (url: string): string => url.replace(/:\w+/g, 'nothing-of-this-name');
const tried = async (method: string, url: string, headers: Record<string, string>): Promise<number> => {
  const answer = await ask(api.url, method, addressOf(url), headers, method === 'GET' || method === 'HEAD' ? undefined : '{');
  if (answer.status === 403 && method !== 'HEAD') expect(failureOf(answer).code).toBe(2003);
  return answer.status;
};
const expected = (allowed: boolean, status: number) => (allowed ? status !== 401 && status !== 403 : status === 403);
const mayUser = (own: readonly Role[], permission: RoutePermission): boolean => {
  if (permission === 'anyone') return true;
  if (permission.user === undefined) return false;
  const [row, needed] = permission.user;
  const level = levelOf(own, row);
  return level === 'W' || level === needed;
};

describe('the table of 8.1', () => {
  const letters = { Administrator: 'A', Supervisor: 'S', Developer: 'D', Monitor: 'M' } as const;
  /** Each row as the table prints it: a level for each role, or a dash. */
  const printed = Object.fromEntries(
    Object.entries(permissionTable).map(([row, levels]) => {
      const of: Partial<Record<Role, string>> = levels;
      return [row, roles.map((role) => `${letters[role]}${of[role] ?? '–'}`).join(' ')];
    }),
  );
  it('is held row by row', () =>
    expect(printed).toEqual({
      callbacks: 'AW SW DR MR',
      callbackChanges: 'AW SW D– M–',
      tools: 'AR SR DR M–',
      stopSwitch: 'AW SW DR MR',
      takeOver: 'AW S– D– M–',
      ownSession: 'AW SW DW MW',
      numberRules: 'AW SW DW M–',
      capacityRules: 'AW SR DR MR',
      regionRules: 'AW SR DR M–',
      callInGroups: 'AW SR DR MR',
      callInRecords: 'AW S– DR M–',
      developer: 'AW S– DW M–',
      queueSettings: 'AW SR DR M–',
      operations: 'AW S– DW M–',
      access: 'AW S– D– M–',
      audit: 'AR SR D– M–',
    }));
});

describe('every route behind a door', () => {
  const routes = () => api.app.guardedRoutes;

  it('is known, and names who may use it', () => {
    expect(routes().length).toBeGreaterThan(40);
    for (const { url, permission } of routes()) expect(permission, url).not.toEqual({});
  });

  it.each(combinations.map((combination) => [combination.join('+') || 'no role', combination] as const))(
    'lets a user in with the roles that the table names, and no other: %s',
    async (_, combination) => {
      const headers = { authorization: `Bearer ${tokens.get(combination.join('+'))}` };
      const wrong: string[] = [];
      for (const { method, url, permission } of routes().filter(({ url: at }) => at.startsWith('/api'))) {
        const status = await tried(method, url, headers);
        if (!expected(mayUser(combination, permission), status)) wrong.push(`${method} ${url}: ${status}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each(rights.map((right) => [right]))('lets a client in with the right that it names, and no other: %s', async (right) => {
    const headers = { 'x-api-key': keys.get(right) ?? '' };
    const wrong: string[] = [];
    for (const { method, url, permission } of routes()) {
      const status = await tried(method, url, headers);
      const allowed = permission === 'anyone' || permission.client === right;
      if (!expected(allowed, status)) wrong.push(`${method} ${url}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  it('lets nobody in without credentials, but where anybody may ask', async () => {
    for (const { method, url, permission } of routes()) {
      if (permission === 'anyone') continue;
      expect(await tried(method, url, {}), `${method} ${url}`).toBe(401);
    }
  });
});
