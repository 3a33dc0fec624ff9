import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshPostgresDir } from '../support/postgres.ts';
import { build } from './support/built.ts';
import { type ContactCenter, startContactCenter } from './support/contact-center.ts';
import { dialingFaults } from './support/dialing.ts';
import { factsOf, startEventStore } from './support/facts.ts';
import { ask, freePort } from './support/http.ts';
import { newLedger } from './support/ledger.ts';
import { idIn, runClient } from './support/load.ts';
import { placesFaults } from './support/places.ts';
import { seeded } from './support/random.ts';
import { entryFault, foldedAll, listed, type Row } from './support/read-back.ts';
import { putQueue, type ServiceProcess, shortSettings, startService } from './support/service.ts';
import { PATIENCE_MS, TEST_MS, until } from './support/until.ts';

/** CRASH_KILLS makes a long run of it, CRASH_SEED repeats the moments and the load of another. */
const { CRASH_KILLS = '3', CRASH_SEED = String(Date.now() % 1_000_000) } = process.env;
const kills = Number(CRASH_KILLS);
const seed = Number(CRASH_SEED);

const CLIENTS = 8;
const BOOKINGS_BETWEEN_KILLS = 25;
const queues = { near: 'near', far: 'far' };
const capacities = { near: 300, far: 4 };
const SLOT_MS = shortSettings.slotDurationMinutes * 60_000;
const RING_MS = shortSettings.ringLimitSeconds * 1000;
const tomorrow = Math.ceil((Date.now() + 86_400_000) / SLOT_MS) * SLOT_MS;
const farSlots = [0, 1, 2].map((slot) => tomorrow + slot * SLOT_MS);
const farTimes = farSlots.flatMap((start) => [start, start + 60_000, start + 200_000].map((at) => new Date(at).toISOString()));

const random = seeded(seed);
const ledger = newLedger();
/** When it was killed, and when it served again. */
const disturbedAt: number[] = [];
let dataDir: string;
let service: ServiceProcess;
let center: ContactCenter;
let start: () => ServiceProcess;

beforeAll(async () => {
  await build();
  dataDir = dirname(await freshPostgresDir());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  center = await startContactCenter({ dir: dataDir, serviceUrls: [url], queues: Object.values(queues), seed: CRASH_SEED, agents: 60 });
  start = () => startService(port, { DATA_DIR: dataDir, ...center.env });
  service = start();
  await service.ready();
  await putQueue(url, queues.near, { slotCapacity: capacities.near });
  await putQueue(url, queues.far, { slotCapacity: capacities.far });
}, TEST_MS);
afterAll(async () => {
  await service?.end();
  await center?.end();
  await rm(dataDir, { recursive: true, force: true });
}, TEST_MS);

/** Kills at a random moment: mostly while it serves, now and then while it still starts. */
const killAtRandom = async (): Promise<void> => {
  if (random.next() < 0.75) {
    await service.ready();
    disturbedAt.push(Date.now());
    const enough = ledger.entries.size + BOOKINGS_BETWEEN_KILLS;
    await until('bookings between two kills', PATIENCE_MS, () => ledger.entries.size >= enough);
    await setTimeout(random.between(0, 2_000));
  } else await setTimeout(random.between(300, 3_000));
  await service.end();
  disturbedAt.push(Date.now());
  service = start();
};

const cancelFar = async (): Promise<void> => {
  for (const { id } of (await listed(service.url, `&queue=${queues.far}&state=SCHEDULED`)) ?? []) {
    const answer = await ask('client', 'POST', `${service.url}/engagement/v3/callbacks/cancel`, { id });
    const entry = ledger.entries.get(id);
    if (answer?.status === 200 && entry) entry.cancelled = 'yes';
  }
};

const openCallbacks = async (): Promise<number | undefined> =>
  (await listed(service.url, '&state=SCHEDULED&state=QUEUED&state=ROUTING&state=PROCESSING'))?.length;

/** The list shows what was booked last, and with it all that was booked before. */
const listIsCaughtUp = async (key: string): Promise<void> => {
  const body = { serviceName: queues.near, phoneNumber: '+12125550199' };
  const answer = await ask('client', 'POST', `${service.url}/engagement/v3/callbacks/create`, body, { 'idempotency-key': key });
  const last = answer && idIn(answer);
  expect(last).toBeDefined();
  await until('the list is caught up', PATIENCE_MS, async () => (await listed(service.url))?.some(({ id }) => id === last));
};

/** Books every far slot until it is full; the answer is how many it took. */
const fill = async (desiredTime: string): Promise<number> => {
  for (let taken = 0; ; taken++) {
    const body = { serviceName: queues.far, phoneNumber: '+12125550123', desiredTime, alwaysCheckCapacity: true };
    const answer = await ask('client', 'POST', `${service.url}/engagement/v3/callbacks/create`, body);
    if (answer?.status !== 200) return taken;
  }
};

describe(`the whole service, killed ${kills} times under load (CRASH_SEED=${seed})`, { timeout: TEST_MS }, () => {
  it('goes on after each kill, and then comes to rest with every callback completed', {
    timeout: TEST_MS + kills * PATIENCE_MS,
  }, async () => {
    const load = new AbortController();
    const clients = Array.from({ length: CLIENTS }, (_, number) =>
      runClient({ url: service.url, queues, number, random: seeded(seed + number), ledger, farTimes, signal: load.signal }),
    );
    for (let kill = 0; kill < kills; kill++) await killAtRandom();
    await service.ready();
    disturbedAt.push(Date.now());
    load.abort();
    await Promise.all(clients);
    await listIsCaughtUp('after-the-load');
    await until('all callbacks are completed', PATIENCE_MS, async () => {
      await cancelFar();
      return (await openCallbacks()) === 0;
    });
  });

  it('has lost no acknowledged booking, move or cancel', async () => {
    const entries = [...ledger.entries.values()];
    const found = await foldedAll(
      service.url,
      entries.map(({ id }) => id),
    );
    const faults = entries.map((entry, index) => entryFault(entry, found[index])).filter((fault) => fault !== undefined);
    expect([...ledger.faults, ...faults]).toEqual([]);
    expect(entries.length).toBeGreaterThan(10 * kills);
  });

  it('has placed no attempt twice, and never two live attempts of one callback', () => {
    const record = center.record();
    expect(dialingFaults(record, RING_MS)).toEqual([]);
    expect(record.filter(({ kind }) => kind === 'place').length).toBeGreaterThan(10 * kills);
  });

  it('lists what each callback’s own history comes to', async () => {
    let rows: readonly Row[] = [];
    let folds: readonly (Row | undefined)[] = [];
    const look = async () => {
      rows = (await listed(service.url)) ?? [];
      folds = await foldedAll(
        service.url,
        rows.map(({ id }) => id),
      );
      return isDeepStrictEqual(rows, folds); // withdrawals may still be on their way
    };
    await until('the list is what the histories say', PATIENCE_MS, look).catch(() => expect(rows).toEqual(folds));
    expect(rows.length).toBeGreaterThanOrEqual(ledger.entries.size);
    expect(rows.length).toBeLessThanOrEqual(ledger.entries.size + ledger.unknown + 1);
  });

  it('holds no place for nobody longer than a minute', async () => {
    for (const slot of farSlots) {
      let taken = 0;
      await until('every place of a slot is free again', PATIENCE_MS, async () => {
        taken += await fill(new Date(slot).toISOString());
        return taken >= capacities.far;
      });
      expect(taken).toBe(capacities.far);
    }
  });

  it('has overbooked no slot, started no attempt twice, and lists every callback of the log', async () => {
    await listIsCaughtUp('at-the-end');
    const rows = (await listed(service.url)) ?? [];
    await service.end('SIGTERM');
    const store = await startEventStore(join(dataDir, 'events'));
    const facts = await factsOf(store.connectionString).finally(() => store.end());
    const capacityOf = (queue: string) => (queue === queues.far ? capacities.far : capacities.near);
    expect(placesFaults(facts, { slotMs: SLOT_MS, capacityOf, kills: disturbedAt })).toEqual([]);
    const started = facts.filter(({ type }) => type === 'CallbackAttemptStarted').map(({ data }) => data.attemptId);
    expect(new Set(started).size).toBe(started.length);
    const booked = facts.filter(({ type }) => type === 'CallbackBooked').map(({ streamId }) => streamId.replace('callback-', ''));
    expect(rows.map(({ id }) => id).sort()).toEqual(booked.sort());
  });
});
