import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { exportCommand, importCommand, replayCommand } from '../../src/service/commands.ts';
import { type Service, startService } from '../../src/service/start.ts';
import { ask, textAt } from '../api/support/ask.ts';
import { freshPostgresDir } from '../support/postgres.ts';

const apiKey = 'a'.repeat(32);
const adminToken = 't'.repeat(32);
let dir: string;
let service: Service;
const config = () =>
  readConfig({
    ...{ PORT: '0', DATA_DIR: dir, SIMULATOR: 'off', BOOTSTRAP_API_KEY: apiKey, BOOTSTRAP_ADMIN_TOKEN: adminToken },
  });
const start = () => startService({ config: config(), clock: startClock(), log: pino({ level: 'silent' }) });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringback-retired-'));
  await rename(await freshPostgresDir(), join(dir, 'postgres'));
  service = await start();
});
afterAll(async () => {
  await service.close();
  await rm(dir, { recursive: true, force: true });
});

const user = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  ask(service.url, method, path, { authorization: `Bearer ${adminToken}`, ...headers }, body);
const written = async (run: () => Promise<number>) => {
  const pieces: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
    pieces.push(String(piece));
    return true;
  });
  const code = await run().finally(() => write.mockRestore());
  return { code, text: pieces.join('') };
};

it('the row of a retired queue goes with its last callback, also when the service stopped in between', async () => {
  await user('PUT', '/api/queue-settings/old', {});
  const booked = await ask(
    service.url,
    'POST',
    '/engagement/v3/callbacks/create',
    { 'x-api-key': apiKey },
    {
      ...{ serviceName: 'old', phoneNumber: '+15105550100', desiredTime: new Date(Date.now() + 86_400_000).toISOString() },
    },
  );
  const id = textAt(booked.body, 'data', 'id');
  expect((await user('DELETE', '/api/queue-settings/old?retire=true', undefined, { 'if-match': '*' })).status).toBe(200);
  expect((await user('POST', `/api/callbacks/${id}/cancel`, {})).status).toBe(200);
  await service.close();
  service = await start();
  await vi.waitFor(async () => expect((await user('GET', '/api/queue-settings/old')).status).toBe(404), { timeout: 60_000, interval: 200 });
  const { text } = await written(() => replayCommand(['--stream', 'configuration'], config()));
  expect(text.match(/"type":"(QueueRetired|QueueDeleted)"/g)).toEqual(['"type":"QueueRetired"', '"type":"QueueDeleted"']);
}, 120_000);

it('commands export what they import again, by the running service', async () => {
  const { code, text } = await written(() => exportCommand(['settings'], config()));
  expect([code, text.split('\r\n').map((line) => line.split(',')[0])]).toEqual([0, ['queue', 'default', 'demo', '']]);
  const document = await written(() => exportCommand(['configuration'], config()));
  const file = async (name: string, content: string) => {
    await writeFile(join(dir, name), content);
    return join(dir, name);
  };
  const json = await file('all.json', document.text);
  expect(await written(async () => importCommand([json], config()))).toEqual({ code: 0, text: '' });
  const csv = await file('more.csv', 'queue,pacing\nmore,0.5\n');
  expect((await written(() => importCommand([csv, '--dry-run'], config()))).text).toContain('"name":"more","change":"created"');
  expect((await user('GET', '/api/queue-settings/more')).status).toBe(404);
  expect((await written(() => importCommand([csv], config()))).code).toBe(0);
  expect((await user('GET', '/api/queue-settings/more')).status).toBe(200);
  const bad = await file('bad.csv', 'queue,pacing\nx,7\n');
  expect(await written(() => importCommand([bad], config()))).toMatchObject({
    code: 1,
    text: expect.stringContaining('"line":2,"column":2'),
  });
});
