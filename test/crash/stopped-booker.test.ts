import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textAt } from '../api/support/ask.ts';
import { startServer } from '../embedded-event-store/server.ts';
import { FIRST_INSTANT, given, type Running, startRunning, until as untilWithin } from '../service/running.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { type Child, startChild } from './support/child.ts';
import { factsOf } from './support/facts.ts';
import { NOBODYS_MS, placesFaults } from './support/places.ts';
import { secretsKey } from './support/stage.ts';
import { TEST_MS } from './support/until.ts';

const program = fileURLToPath(new URL('./support/stopping-booker.ts', import.meta.url));
/** A minute of the service passes in half of one, which leaves a busy machine time to notice that it did. */
const SPEED = 2;
/** Longer than a place may be nobody's, and than the lease of a process's entry. */
const STOPPED_MS = 1.25 * NOBODYS_MS;
const SLOT_MS = 15 * 60_000;
/** Of the machine's time, for what is to come after minutes of the service's. */
const WAIT_MS = 120_000;
const until = (look: () => boolean | Promise<boolean>) => untilWithin(async () => (await look()) || undefined, WAIT_MS);
const QUEUE = 'support';

let server: Awaited<ReturnType<typeof startServer>>;
let service: Running;
const folders: string[] = [];
const children: Child[] = [];

beforeAll(async () => {
  server = await startServer();
  const dir = dirname(await freshPostgresDir());
  folders.push(dir);
  const env = { ...given, SIMULATOR: 'off', EVENTSTORE_URL: server.server.connectionString, SECRETS_KEY: secretsKey };
  service = await startRunning({ dir, env, speed: SPEED });
  const row = { slotCapacity: 1, slotDurationMinutes: 15 };
  expect((await service.asAdmin('PUT', `/queue-settings/${QUEUE}`, row, { 'if-none-match': '*' })).status).toBe(201);
}, TEST_MS);
afterAll(async () => {
  for (const child of children) await child.end();
  await service?.close();
  await server?.stop();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}, TEST_MS);

const book = (at: number) =>
  service.asClient('/callbacks/create', {
    ...{ serviceName: QUEUE, phoneNumber: '+12125550100', alwaysCheckCapacity: true },
    desiredTime: new Date(at).toISOString(),
  });
/** A booker in a process of its own, once it holds its place and has stopped. */
const stoppedBooker = async (desiredTime: number, move: Readonly<Record<string, string>> = {}): Promise<Child> => {
  const KEYS_DIR = await mkdtemp(join(tmpdir(), 'ringback-booker-'));
  folders.push(KEYS_DIR);
  const child = startChild(['--import', 'tsx', program], {
    ...{ EVENTSTORE_URL: server.server.connectionString, KEYS_DIR, QUEUE, ...move },
    ...{ DESIRED_TIME: String(desiredTime), NOW: String(service.clock.now()) },
  });
  children.push(child);
  const instant = new Date(desiredTime).toISOString();
  await until(async () => (await facts()).some(({ type, data }) => type === 'PlaceTaken' && data.instant === instant));
  return child;
};
const facts = () => factsOf(server.server.connectionString);
const faults = async () => placesFaults(await facts(), { slotMs: SLOT_MS, capacityOf: () => 1, kills: [] });

describe('a booker that is stopped between its place and its booking, for longer than every lease', { timeout: TEST_MS }, () => {
  it('holds his place against others for no more than a minute, and books nothing when he wakes', async () => {
    const at = FIRST_INSTANT + 5 * 86_400_000;
    const booker = await stoppedBooker(at);
    const stoppedAt = service.clock.now();
    expect((await book(at)).status).toBe(429);
    await until(async () => (await book(at)).status === 200);
    await until(() => service.clock.now() - stoppedAt > STOPPED_MS);
    booker.signal('SIGCONT');
    expect(await booker.says(/came to: (.*)/)).toBe('HOLD_LAPSED');
    expect(await faults()).toEqual([]);
    expect((await facts()).filter(({ type }) => type === 'CallbackBooked')).toHaveLength(1);
  });

  it('leaves the callback that he was moving where it was', async () => {
    const at = FIRST_INSTANT + 6 * 86_400_000;
    const there = at + SLOT_MS;
    const moving = textAt((await book(at)).body, 'data', 'id');
    const booker = await stoppedBooker(there, { MOVE: moving });
    const stoppedAt = service.clock.now();
    expect((await book(there)).status).toBe(429);
    await until(async () => (await book(there)).status === 200);
    await until(() => service.clock.now() - stoppedAt > STOPPED_MS);
    booker.signal('SIGCONT');
    expect(await booker.says(/came to: (.*)/)).toBe('SLOT_FULL');
    expect((await book(at)).status).toBe(429);
    expect(await faults()).toEqual([]);
    expect((await service.history(moving)).map(({ type }) => type)).toEqual(['CallbackBooked', 'BookingLapsed']);
  });

  it('is forgotten when he is killed: his place is free within a minute', async () => {
    const at = FIRST_INSTANT + 7 * 86_400_000;
    const booker = await stoppedBooker(at);
    await booker.end('SIGKILL');
    await until(async () => (await book(at)).status === 200);
    expect(await faults()).toEqual([]);
  });
});
