import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { at } from '../api/support/ask.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { adminToken, apiKey, connectorKey, given, type Running, startRunning } from './running.ts';

const off = { SIMULATOR: 'off' };
const other = 'o'.repeat(32);
let dir: string;
beforeAll(async () => {
  dir = dirname(await freshPostgresDir());
});

/** Runs one start after another on one folder; what they find is what those before have left. */
const start = async (env: Readonly<Record<string, string>>, look: (running: Running) => Promise<void>): Promise<void> => {
  const running = await startRunning({ dir, env: { ...off, ...env }, speed: 1 });
  try {
    await look(running);
  } finally {
    await running.close();
  }
};
const statusOf = async ({ call }: Running, secret: string | undefined) =>
  (await call('POST', '/engagement/v3/callbacks/retrieve', { 'x-api-key': secret ?? '' }, { id: 'nobody' })).status;
const tokenStatus = async ({ call }: Running, token: string | undefined) =>
  (await call('GET', '/api/queue-settings/demo', { authorization: `Bearer ${token}` })).status;
const agentsStatus = async ({ call, clock }: Running, key: string | undefined) =>
  (await call('PUT', '/contact-center/agents', { 'x-api-key': key ?? '' }, { source: 's', sequence: clock.now(), agents: [] })).status;

describe('one start after another on one folder', () => {
  const made: { apiKey?: string | undefined; adminToken?: string | undefined; connectorKey?: string | undefined } = {};

  it('the first makes the default row, hours that are always open and the queue demo on them, and secrets', () =>
    start({}, async (running) => {
      Object.assign(made, running.service.secrets);
      for (const secret of Object.values(made)) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(new Set(Object.values(made)).size).toBe(3);
      const row = async (queue: string) =>
        (await running.call('GET', `/api/queue-settings/${queue}`, { authorization: `Bearer ${made.adminToken}` })).body;
      expect(await row('default')).toMatchObject({
        settings: { businessHours: 'always', callbackApplication: 'ringback' },
        updatedBy: 'bootstrap',
      });
      expect(await row('demo')).toMatchObject({
        settings: { businessHours: 'always', slotCapacity: 5 },
        inherited: expect.arrayContaining(['businessHours']),
      });
      expect([
        await statusOf(running, made.apiKey),
        await tokenStatus(running, made.adminToken),
        await agentsStatus(running, made.connectorKey),
      ]).toEqual([404, 200, 200]);
    }));

  it('the next shows no secret, and those of the first hold', () =>
    start({}, async (running) => {
      expect(running.service.secrets).toEqual({ apiKey: undefined, adminToken: undefined, connectorKey: undefined });
      expect([
        await statusOf(running, made.apiKey),
        await tokenStatus(running, made.adminToken),
        await agentsStatus(running, made.connectorKey),
      ]).toEqual([404, 200, 200]);
    }));

  const holdAndReplace = async (running: Running) => {
    expect([await statusOf(running, apiKey), await tokenStatus(running, adminToken), await agentsStatus(running, connectorKey)]).toEqual([
      404, 200, 200,
    ]);
    expect([
      await statusOf(running, made.apiKey),
      await tokenStatus(running, made.adminToken),
      await agentsStatus(running, made.connectorKey),
    ]).toEqual([401, 401, 401]);
  };

  it('secrets of the environment hold in their place, and none opens another’s door', () =>
    start(given, async (running) => {
      await holdAndReplace(running);
      expect([await statusOf(running, connectorKey), await agentsStatus(running, apiKey), await tokenStatus(running, apiKey)]).toEqual([
        403, 403, 401,
      ]);
    }));

  it('they hold on every start, and a second process is refused with a sentence while the first goes on', () =>
    start(given, async (running) => {
      await holdAndReplace(running);
      await expect(startRunning({ dir, env: { ...off, ...given }, speed: 1 })).rejects.toThrow(/process \d+.*\.$/s);
      expect(at((await running.call('GET', '/health/ready')).body, 'status')).toBe('ready');
    }));

  it('others of the environment take their place, and leave the rest', () =>
    start({ BOOTSTRAP_API_KEY: other }, async (running) => {
      expect([await statusOf(running, other), await statusOf(running, apiKey), await tokenStatus(running, adminToken)]).toEqual([
        404, 401, 200,
      ]);
    }));

  it('sessions that were signed out everywhere stay over, and those that began since go on', async () => {
    const cookies: string[] = [];
    const signIn = async ({ call }: Running) => {
      const { status, headers } = await call('POST', '/api/session', {}, { token: adminToken });
      expect(status).toBe(201);
      cookies.push(headers.get('set-cookie')?.split(';')[0] ?? '');
    };
    const statuses = ({ call }: Running) =>
      Promise.all(cookies.map(async (cookie) => (await call('GET', '/api/queue-settings/demo', { cookie })).status));
    await start(given, async (running) => {
      await signIn(running);
      expect(await statuses(running)).toEqual([200]);
      expect((await running.asAdmin('DELETE', '/session?everywhere=true')).status).toBe(204);
      await signIn(running);
      expect(await statuses(running)).toEqual([401, 200]);
    });
    await start(given, async (running) => expect(await statuses(running)).toEqual([401, 200]));
  });
});
