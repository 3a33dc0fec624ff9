import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { iso, startClock } from '../../src/clock.ts';
import { at, textAt } from '../api/support/ask.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { contactCenter, obliging, secret, type TestCenter } from './contact-center.ts';
import { configureQueue, FIRST_INSTANT, given, type Running, startRunning, until } from './running.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WAIT_MS = 60_000;
const TEST_MS = 8 * WAIT_MS;
/** The longest that each may take, so that a callback can be open when its time to live ends. */
const settings = {
  ...{ desiredTimeWindowSeconds: 86_400, callbackPurgeMinutes: 10_080, handlingLimitMinutes: 10_080 },
  ...{ reportLimitSeconds: 86_400, placeWithinSeconds: 3_600, dialRetryMinutes: 0.01, maxDialAttempts: 9 },
};

let running: Running;
let center: TestCenter;
/** How far the time of day was set ahead. */
let ahead = 0;
const begun = Date.now();
const jumpTo = (instant: number): void => {
  ahead = instant - (FIRST_INSTANT + Date.now() - begun);
};
beforeAll(async () => {
  center = await contactCenter();
  const env = { ...given, CONNECTOR_URL: center.url, CONNECTOR_SECRET: secret };
  const clock = startClock(undefined, () => FIRST_INSTANT + Date.now() - begun + ahead);
  running = await startRunning({ dir: dirname(await freshPostgresDir()), env, clock });
  center.serve(running);
  await configureQueue(running, 'demo', settings);
}, TEST_MS);
afterAll(async () => {
  await center.close();
  await running.close();
});

const book = (phoneNumber: string, desiredTime?: number): Promise<string> => {
  center.treat(phoneNumber, { ...obliging, reports: false });
  return running.book({ serviceName: 'demo', phoneNumber, ...(desiredTime === undefined ? {} : { desiredTime: iso(desiredTime) }) });
};
const typesOf = async (id: string) => (await running.history(id)).map(({ type }) => type);
const comes = (type: string, id: string) =>
  until(
    async () => (await typesOf(id)).includes(type),
    WAIT_MS,
    () => [type, id],
  );
const shown = (id: string) => running.asAdmin('GET', `/callbacks/${id}`);
const numberOf = async (id: string) => at((await shown(id)).body, 'phoneNumber');
/** The ids that the list shows, of all times; and of those whose number has this in it. */
const listed = async (contains?: string): Promise<readonly unknown[]> => {
  const column = contains === undefined ? '' : `&column=phoneNumber&contains=${contains}`;
  const { body } = await running.asAdmin('GET', `/callbacks?from=2026-01-01T00:00:00.000Z&to=2026-12-31T00:00:00.000Z${column}`);
  const items = at(body, 'items');
  return Array.isArray(items) ? items.map(({ id }) => id) : [];
};
/** What was reported to the contact center's attempts of one, the last first. */
const lastAttempt = (id: string): string => center.placesOf(id).at(-1)?.attemptId ?? '';
/** Agents are ready until the attempt is made that comes after so many of one. */
const rings = (id: string, before: number) =>
  until(async () => {
    await center.ready();
    return center.placesOf(id).length > before;
  }, WAIT_MS);

const isGone = async (id: string): Promise<void> => {
  await comes('CallbackRetired', id);
  const history = await running.history(id);
  const types = history.map(({ type }) => type);
  expect(types.filter((type) => type === 'CallbackCompleted' || type === 'CallbackCancelled')).toHaveLength(1);
  expect(types.filter((type) => type === 'CallbackRetired')).toHaveLength(1);
  expect(types.indexOf('CallbackRetired')).toBeGreaterThan(types.findIndex((type) => /Completed|Cancelled/.test(type)));
  expect(JSON.stringify(history)).not.toMatch(/\+1212555\d/);
  await until(async () => !(await listed()).includes(id), WAIT_MS);
  expect(await listed('12125550')).not.toContain(id);
  expect(JSON.stringify((await shown(id)).body)).not.toMatch(/\+1212555\d/);
};

it('fourteen days after its desired time, and no sooner, each callback is completed if it is open, leaves lists and searches, and has no number', {
  timeout: TEST_MS,
}, async () => {
  const talking = await book('+12125550171', FIRST_INSTANT - 23 * HOUR);
  const over = await book('+12125550172');
  expect((await running.asAdmin('POST', `/callbacks/${over}/cancel`, {})).status).toBe(200);
  const moved = await book('+12125550173', FIRST_INSTANT + HOUR);
  const later = { desiredTime: iso(FIRST_INSTANT + 10 * DAY) };
  expect((await running.call('POST', `/api/callbacks/${moved}/reschedule`, { 'x-api-key': given.BOOTSTRAP_API_KEY }, later)).status).toBe(
    200,
  );

  jumpTo(FIRST_INSTANT + 6.95 * DAY);
  await rings(talking, 0);
  await center.tell(`${lastAttempt(talking)}/connected`, { agentId: 'agent-0' });
  await comes('CallbackConnected', talking);
  const remade = await running.asAdmin('POST', `/callbacks/${over}/recreate`, { desiredTime: iso(FIRST_INSTANT + 8 * DAY) });
  expect(remade.status).toBe(201);
  const anew = textAt(remade.body, 'id');

  jumpTo(FIRST_INSTANT + 13 * DAY + HOUR);
  await isGone(talking);
  const end = (await running.history(talking)).find(({ type }) => type === 'CallbackCompleted');
  expect(end).toMatchObject({ data: { reason: 'RETIRED', stateBefore: 'PROCESSING' }, actor: { kind: 'process', name: 'retention' } });
  expect(await numberOf(over)).toBe('+12125550172');
  expect(await listed('12125550172')).toEqual(expect.arrayContaining([over, anew]));
  for (const id of [moved, anew]) await rings(id, 0);

  jumpTo(FIRST_INSTANT + 14 * DAY + 2 * HOUR);
  await isGone(over);
  expect(await numberOf(anew)).toBe('+12125550172');
  expect(await numberOf(moved)).toBe('+12125550173');
  for (const id of [moved, anew]) await rings(id, 1);

  jumpTo(FIRST_INSTANT + 24 * DAY);
  for (const id of [moved, anew]) {
    await isGone(id);
    await until(() => center.withdrawalsOf(id).some(({ attemptId }) => attemptId === lastAttempt(id)), WAIT_MS);
    await center.tell(`${lastAttempt(id)}/connected`, { agentId: 'agent-0' });
    expect(await typesOf(id)).not.toContain('CallbackConnected');
  }
  expect(await listed()).toEqual([]);
});
