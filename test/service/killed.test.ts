import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, at, textAt } from '../api/support/ask.ts';
import { build, programs } from '../crash/support/built.ts';
import { type Child, startChild } from '../crash/support/child.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { until } from './running.ts';

const ROUNDS = 2;
const BOOKINGS_A_ROUND = 20;
const LANES = 6;
const TIMES_MS = 90_000;
/** Calls that a killed simulator forgot keep no agent waiting for longer. */
const settings = { placeWithinSeconds: 2, ringLimitSeconds: 5, reportLimitSeconds: 5 };

let env: Readonly<Record<string, string>>;
let child: Child;
let url: string;
const secrets = new Map<string, string>();
const acknowledged: string[] = [];

const serve = async (): Promise<void> => {
  child = startChild([programs.service, 'serve'], env);
  url = await child.says(/^Ringback serves at (\S+)$/);
};
const asClient = (path: string, body: unknown) =>
  ask(url, 'POST', `/engagement/v3${path}`, { 'x-api-key': secrets.get('API key') ?? '' }, body);
const book = async (phoneNumber: string) =>
  textAt((await asClient('/callbacks/create', { serviceName: 'demo', phoneNumber })).body, 'data', 'id');
const asAdmin = (method: string, path: string, body?: unknown) =>
  ask(url, method, `/api${path}`, { authorization: `Bearer ${secrets.get('Administrator token')}`, 'if-match': '*' }, body);
const stateOf = async (id: string) => at((await asClient('/callbacks/retrieve', { id })).body, 'data', 'callbackState');

/** Books in several lanes until enough are acknowledged, and kills the service while others are on their way. */
const bookUntilKilled = async (): Promise<void> => {
  const enough = acknowledged.length + BOOKINGS_A_ROUND;
  let ended: Promise<void> | undefined;
  const lane = async (n: number): Promise<void> => {
    for (let i = 0; ended === undefined; i++) {
      const phoneNumber = `+12125550${100 + ((n * 13 + i) % 100)}`;
      const id = await book(phoneNumber).catch(() => undefined);
      if (id === undefined) return; // the one that was under way may or may not be there
      acknowledged.push(id);
      if (acknowledged.length >= enough) ended ??= child.end('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, n) => lane(n)));
  await ended;
};

beforeAll(async () => {
  await build();
  env = { DATA_DIR: dirname(await freshPostgresDir()), PORT: '0', SIMULATOR_SPEED: '2000', LOG_LEVEL: 'warn' };
  await serve();
}, TIMES_MS);
afterAll(() => child.end());

describe('the service as it is started', () => {
  it('shows its address and three secrets on the first start', async () => {
    for (const name of ['Administrator token', 'API key', 'Connector key'])
      secrets.set(name, await child.says(new RegExp(`^${name}: (\\S+)$`)));
    expect(new Set(secrets.values()).size).toBe(3);
    await child.says(/^These are shown this once\.$/);
    expect((await asAdmin('PUT', '/queue-settings/demo', settings)).status).toBe(200);
  });

  it('refuses a second process on its folder with a sentence', async () => {
    const second = startChild([programs.service, 'serve'], env);
    await second.says(/^.*process \d+.*\.$/);
    await second.says(/^ended: 1$/);
    expect((await ask(url, 'GET', '/health/ready')).status).toBe(200);
  });

  it('has every booking that it acknowledged after each kill, shows no secret again, and goes on', { timeout: TIMES_MS }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await bookUntilKilled();
      await serve();
      const states = await Promise.all(acknowledged.map(stateOf));
      expect(states.filter((state) => state === undefined)).toEqual([]);
      const said = child.said.join('\n');
      expect(said).not.toMatch(/API key|Administrator token|Connector key|once/);
      expect(said).not.toContain('5550');
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS * BOOKINGS_A_ROUND);
    const id = await book('+12125550100');
    await until(async () => (await stateOf(id)) === 'COMPLETED', TIMES_MS);
  });
});
