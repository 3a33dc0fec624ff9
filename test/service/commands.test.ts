import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { backupCommand, keysCommand, modelsCommand, replayCommand, restoreCommand, WRONG_ARGUMENTS } from '../../src/service/commands.ts';
import { underLease } from '../../src/service/lease.ts';
import { at } from '../api/support/ask.ts';
import { startServer, type TestServer } from '../embedded-event-store/server.ts';
import { noRealPostgres, type RealPostgres, startRealPostgres } from '../projections/kit/real-postgres.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { given, type Running, startRunning, until } from './running.ts';

describe('arguments that say nothing that can be done', () => {
  it('end with an exit code of their own, before any store is touched', async () => {
    const config = readConfig({ DATA_DIR: join(tmpdir(), 'ringback-nowhere') });
    const refused = [
      replayCommand([], config),
      replayCommand(['--stream', 'a', '--callback', 'b'], config),
      replayCommand(['--callback', 'b', '--as-of', 'yesterday'], config),
      backupCommand([], config),
      backupCommand(['a', 'b'], config),
      restoreCommand([''], config),
      keysCommand([], config),
      keysCommand(['dance'], config),
    ];
    expect(await Promise.all(refused)).toEqual(refused.map(() => WRONG_ARGUMENTS));
    await expect(modelsCommand('verify', ['--fast'], config)).rejects.toMatchObject({ code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
  });
  it('make no stores where there are none', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ringback-none-'));
    for (const on of [dir, join(dir, 'missing')])
      await expect(modelsCommand('verify', [], readConfig({ DATA_DIR: on }))).rejects.toThrow(`There is no data in ${on}.`);
    await rm(dir, { recursive: true });
  });
});

describe('with the service, and alone', { timeout: 60_000 }, () => {
  it('a command does the same', async () => {
    const dir = dirname(await freshPostgresDir());
    const config = readConfig({ DATA_DIR: dir });
    const copies = await mkdtemp(join(tmpdir(), 'ringback-copies-'));
    const running = await startRunning({ dir, env: { ...given, SIMULATOR: 'off' }, speed: 1 });
    const id = await running.book({ serviceName: 'demo', phoneNumber: '+12125550140' });
    const all = async (round: string) => [
      await replayCommand(['--callback', id], config),
      await modelsCommand('verify', [], config),
      await modelsCommand('rebuild', ['callback_list'], config),
      await modelsCommand('repair', [], config),
      await keysCommand(['rotate'], config),
      await backupCommand([join(copies, round)], config),
    ];
    try {
      expect(await all('with')).toEqual([0, 0, 0, 0, 0, 0]);
    } finally {
      await running.close();
    }
    expect(await all('alone')).toEqual([0, 0, 0, 0, 0, 0]);
    await expect(replayCommand(['--stream', 'nothing'], config)).rejects.toThrow('There is no stream nothing.');
    const again = await startRunning({ dir, env: { ...given, SIMULATOR: 'off' }, speed: 1 });
    expect(at((await again.asClient('/callbacks/retrieve', { id })).body, 'data', 'phoneNumber')).toBe('+12125550140');
    await again.close();
    await rm(copies, { recursive: true });
  });
});

const title = `on a real Postgres${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`;
describe.skipIf(noRealPostgres !== undefined)(title, { timeout: 60_000 }, () => {
  let postgres: RealPostgres;
  let server: TestServer;
  let dir: string;
  let running: Running;
  const secrets = [1, 2].map((n) => Buffer.alloc(32, n).toString('base64'));
  const [first = '', second = ''] = secrets;
  const real = () => ({ EVENTSTORE_URL: server.server.connectionString, DATABASE_URL: postgres.connectionString, SECRETS_KEY: first });
  /** As an operator gives a command on another machine: the same stores, another DATA_DIR. */
  const elsewhere = (env: Readonly<Record<string, string>> = {}) => readConfig({ ...real(), DATA_DIR: join(dir, 'elsewhere'), ...env });
  const start = async (env: Readonly<Record<string, string>> = {}) => {
    running = await startRunning({ dir: join(dir, 'node'), env: { ...given, ...real(), SIMULATOR: 'off', ...env }, speed: 1 });
    await until(
      async () => (await running.asAdmin('GET', '/callbacks?from=2026-01-01T00:00:00.000Z&to=2026-12-31T00:00:00.000Z')).status === 200,
    );
  };
  beforeAll(async () => {
    postgres = await startRealPostgres();
    server = await startServer();
    dir = await mkdtemp(join(tmpdir(), 'ringback-real-'));
    await start();
  });
  afterAll(async () => {
    await running?.close();
    await server?.stop();
    await postgres?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('rebuild, verify and repair are refused while a node keeps the read models, which goes on, and done by that node when it is asked', async () => {
    for (const command of ['rebuild', 'verify', 'repair'] as const)
      await expect(modelsCommand(command, [], elsewhere())).rejects.toThrow(/^Another node keeps the read models: .*\.$/);
    const id = await running.book({ serviceName: 'demo', phoneNumber: '+12125550141' });
    await until(async () =>
      (await running.asAdmin('GET', '/callbacks?from=2026-01-01T00:00:00.000Z&to=2026-12-31T00:00:00.000Z')).text.includes(id),
    );
    const there = readConfig({ ...real(), DATA_DIR: join(dir, 'node') });
    expect([await modelsCommand('rebuild', [], there), await modelsCommand('verify', [], there)]).toEqual([0, 0]);
  });

  it('they hold the lease for as long as they run, and two at once do not meet', async () => {
    await running.close();
    const { connectionString } = postgres;
    await underLease({ connectionString }, async () => {
      await expect(modelsCommand('verify', [], elsewhere())).rejects.toThrow(/^Another node keeps the read models/);
    });
    expect([await modelsCommand('rebuild', [], elsewhere()), await modelsCommand('verify', [], elsewhere())]).toEqual([0, 0]);
    await start();
  });

  it('backup says that it is for embedded stores', async () => {
    await expect(backupCommand([join(dir, 'copy')], elsewhere())).rejects.toThrow(/backed up by their own tools, events before keys\.$/);
  });

  it('SECRETS_KEY changes under a node that was told the next one', async () => {
    const id = await running.book({ serviceName: 'demo', phoneNumber: '+12125550142' });
    await expect(keysCommand(['rotate'], elsewhere())).rejects.toThrow('SECRETS_KEY_NEXT: give the new key');
    await running.close();
    await start({ SECRETS_KEY_NEXT: second });
    expect(await keysCommand(['rotate'], elsewhere({ SECRETS_KEY_NEXT: second }))).toBe(0);
    const numberOf = async (one: string) => at((await running.asClient('/callbacks/retrieve', { id: one })).body, 'data', 'phoneNumber');
    expect(await numberOf(id)).toBe('+12125550142');
    const later = await running.book({ serviceName: 'demo', phoneNumber: '+12125550143' });
    await running.close();
    await start({ SECRETS_KEY: second });
    expect(await keysCommand(['rotate'], elsewhere({ SECRETS_KEY: second }))).toBe(0);
    expect([await numberOf(id), await numberOf(later)]).toEqual(['+12125550142', '+12125550143']);
    await expect(keysCommand(['rotate'], elsewhere({ SECRETS_KEY: second }))).rejects.toThrow('SECRETS_KEY_NEXT: give the new key');
  });
});
