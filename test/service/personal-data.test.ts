import { randomUUID } from 'node:crypto';
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { TIME_TO_LIVE_MS } from '../../src/domain/callback/decider.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { connectEventStore } from '../../src/eventstore/client.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { at } from '../api/support/ask.ts';
import { startServer, type TestServer } from '../embedded-event-store/server.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { FIRST_INSTANT, given, logged, type Running, startRunning, until } from './running.ts';

const DAY_MS = 86_400_000;
const env = { ...given, SIMULATOR: 'off', SECRETS_KEY: Buffer.alloc(32, 9).toString('base64'), LOG_LEVEL: 'trace' };
const order = 'order-4711-of-Ada';
const numbers = ['+12125550131', '+12125550132', '+12125550133', '+12125550134'];

let dir: string;
let server: TestServer;
/** A second way to the log, for what no route does: it reads and writes nothing personal. */
let log: EventStore;
let running: Running;
let ids: readonly string[];
const start = async (now = FIRST_INSTANT) => {
  running = await startRunning({ dir, env: { ...env, EVENTSTORE_URL: server.server.connectionString }, start: now, speed: 1 });
};
const nothingPersonal = () => Promise.reject(new Error('nothing personal here'));
beforeAll(async () => {
  dir = dirname(await freshPostgresDir());
  server = await startServer();
  log = await connectEventStore(server.server.connectionString, { seal: nothingPersonal, open: nothingPersonal, hash: () => randomUUID() });
  await start();
});
afterAll(async () => {
  await running.close();
  await log.close();
  await server.stop();
});

const decide = async (id: string, type: 'ErasePersonalData' | 'RetireCallback', now: number) => {
  const commandId = randomUUID();
  const actor = { kind: 'process', id: 'test', name: 'test' } as const;
  const context = { commandId, correlationId: commandId, causationId: commandId, actor };
  expect(await handle(log, callbackKind, callbackStream(id), { type, now: iso(now) }, context)).toMatchObject({ ok: true });
};
const retrieved = async (id: string) => at((await running.asClient('/callbacks/retrieve', { id })).body, 'data');
const numberOf = async (id: string) => at(await retrieved(id), 'phoneNumber');
/** Waits until the list shows these numbers, and none of those. */
const lists = (shown: readonly (string | undefined)[], hidden: readonly (string | undefined)[]) =>
  until(async () => {
    const range = 'from=2026-01-01T00:00:00.000Z&to=2026-12-31T00:00:00.000Z';
    const { status, text } = await running.asAdmin('GET', `/callbacks?${range}`);
    return (
      status === 200 && shown.every((number) => text.includes(number ?? '?')) && hidden.every((number) => !text.includes(number ?? '?'))
    );
  });

/** Files below a folder in which one of these texts stands, in the clear, as UTF-8 or UTF-16. */
const filesWith = async (folder: string, texts: readonly string[]): Promise<string[]> => {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (texts.some((text) => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le')))) found.push(path);
  }
  return found;
};
/** As it was sent, without its plus, and as people write it. */
const spellings = (number: string) => [
  number,
  number.slice(1),
  number.slice(2),
  `${number.slice(2, 5)}-${number.slice(5, 8)}-${number.slice(8)}`,
];
const everything = [...numbers.flatMap(spellings), order];

describe('personal data, through the whole service', { timeout: 60_000 }, () => {
  it('is nowhere in the clear in the files of the log and of the keys', async () => {
    const desiredTime = iso(FIRST_INSTANT + DAY_MS);
    const booked: string[] = [];
    for (const phoneNumber of numbers)
      booked.push(await running.book({ serviceName: 'demo', phoneNumber, desiredTime, userData: { order } }));
    ids = booked;
    for (const [n, id] of booked.entries()) expect(await numberOf(id)).toBe(numbers[n]);
    expect(await filesWith(server.dir, everything)).toEqual([]);
    expect(await filesWith(join(dir, 'keys'), everything)).toEqual([]);
    expect(await filesWith(server.dir, [booked[0] ?? '']), 'the search finds what is there').not.toEqual([]);
  });

  it('of one of two people booked on the same day is erased, and the other’s stays', async () => {
    const [ada = '', ben = ''] = ids;
    await decide(ada, 'ErasePersonalData', FIRST_INSTANT);
    await until(async () => (await numberOf(ada)) === undefined || (await numberOf(ada)) === null);
    expect(await numberOf(ben)).toBe(numbers[1]);
    await lists(numbers.slice(1), numbers.slice(0, 1));
  });

  it('stays through moves earlier, later, ten times, and goes once the callback is retired', async () => {
    const [, , moved = ''] = ids;
    const days = [3, 2, 9, 1.5, 8, 4, 7, 6, 20, 5];
    for (const day of days) {
      const desiredTime = iso(FIRST_INSTANT + day * DAY_MS);
      expect(
        (await running.call('POST', `/api/callbacks/${moved}/reschedule`, { 'x-api-key': given.BOOTSTRAP_API_KEY }, { desiredTime }))
          .status,
      ).toBe(200);
    }
    expect(await numberOf(moved)).toBe(numbers[2]);
    await decide(moved, 'RetireCallback', FIRST_INSTANT + 5 * DAY_MS + TIME_TO_LIVE_MS);
    await until(async () => (await numberOf(moved)) !== numbers[2]);
    await lists([numbers[1], numbers[3]], [numbers[0], numbers[2], moved]);
  });

  it('that was erased or retired comes to life with no old copy of the keys', async () => {
    const [, ben = '', , last = ''] = ids;
    await running.close();
    await cp(join(dir, 'keys'), join(dir, 'old-keys'), { recursive: true });
    await start();
    await decide(ben, 'ErasePersonalData', FIRST_INSTANT);
    await lists([numbers[3]], numbers.slice(0, 3));
    await running.close();
    await rm(join(dir, 'keys'), { recursive: true });
    await cp(join(dir, 'old-keys'), join(dir, 'keys'), { recursive: true });
    await start();
    await lists([numbers[3]], numbers.slice(0, 3));
    for (const id of ids.slice(0, 3)) expect(numbers).not.toContain(await numberOf(id));
    expect(JSON.stringify(await running.history(ben))).not.toContain(numbers[1]);
    expect(await numberOf(last)).toBe(numbers[3]);
  });

  it('that is gone is in no file at all once Postgres’s are built anew', async () => {
    await running.close();
    expect(await filesWith(join(dir, 'postgres'), spellings(numbers[3] ?? '')), 'lists hold those that are kept').not.toEqual([]);
    for (const name of ['postgres', 'old-keys']) await rm(join(dir, name), { recursive: true });
    await rename(await freshPostgresDir(), join(dir, 'postgres')); // as the start would make it, but quicker
    await start();
    await lists([numbers[3]], numbers.slice(0, 3));
    await running.close();
    const gone = numbers.slice(0, 3).flatMap(spellings);
    expect(await filesWith(dir, gone)).toEqual([]);
    expect(await filesWith(server.dir, gone)).toEqual([]);
    await start();
  });

  it('is in no log line', () => {
    const text = logged.join('');
    for (const part of everything) expect(text).not.toContain(part);
  });
});
