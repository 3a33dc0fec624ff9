import { randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { bookCallback } from '../../src/commands/book.ts';
import type { CommandDeps } from '../../src/commands/deps.ts';
import { handle } from '../../src/commands/handle.ts';
import { placeTaker } from '../../src/commands/places.ts';
import { rescheduleCallback } from '../../src/commands/reschedule.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { TIME_TO_LIVE_MS } from '../../src/domain/callback/decider.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { connectEventStore } from '../../src/eventstore/client.ts';
import type { CommandContext } from '../../src/eventstore/codec.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { type Keyring, openKeyring } from '../../src/keys/keyring.ts';
import { lmdbKeyStore } from '../../src/keys/lmdb-key-store.ts';
import { keyringSealer } from '../../src/keys/sealer.ts';
import { bookingCounts } from '../../src/live/booking-counts.ts';
import { startKeyRetention } from '../../src/processes/key-retention.ts';
import { configurationWith, idOf } from '../commands/desk.ts';
import { startServer, type TestServer } from '../embedded-event-store/server.ts';
import { all } from '../eventstore/door.ts';
import { until } from '../service/running.ts';
import { manualClock } from '../support/manual-clock.ts';

const NOW = Date.parse('2026-03-02T10:00:00.000Z');
const DAY_MS = 86_400_000;
/** A day after the retiring fact is due. */
const NET_MS = TIME_TO_LIVE_MS + DAY_MS;
const secretsKey = randomBytes(32).toString('base64');
const log = pino({ level: 'silent' });

/** The key store in a folder of its own, and commands whose personal data is sealed under it. */
const openDesk = async (server: TestServer, dir: string) => {
  const keyStore = await lmdbKeyStore({ dir });
  const keyring = await openKeyring({ store: keyStore, secretsKey, ahead: 0, now: () => NOW });
  const store = await connectEventStore(server.server.connectionString, keyringSealer(keyring));
  const configuration = () => configurationWith('demo', {});
  const clock = manualClock(NOW);
  const keys = { takeKey: keyring.takeKey, giveBack: keyring.giveBack, hash: keyring.hash };
  const deps: CommandDeps = {
    ...{ store, keys, configuration, estimatedWaitSeconds: () => null, clock, newId: randomUUID },
    places: placeTaker(store, configuration),
    reserveBooking: bookingCounts().reserve,
  };
  const context = (): CommandContext => {
    const commandId = randomUUID();
    return { commandId, correlationId: commandId, causationId: commandId, actor: { kind: 'client', id: 'k', name: 'web' } };
  };
  const book = async (desiredTime: number, phoneNumber = '+12125550123'): Promise<string> =>
    idOf(
      await bookCallback(
        deps,
        {
          ...{ queue: 'demo', phoneNumber, desiredTime, alwaysCheckCapacity: false, language: 'en-US' },
          offer: { type: 'ASAP', timing: null, thresholdSeconds: null, inboundQueue: null, channel: null, originationInteractionId: null },
          overrides: { priority: null, routePoint: null, surveyRoutePoint: null },
          ...{ userData: {}, pushTargets: [], idempotency: null, limits: null },
        },
        context(),
      ),
    );
  const numberOf = async (id: string) => {
    const [booked] = await all(store.readStream(callbackStream(id), { personal: true }));
    return booked?.type === 'CallbackBooked' ? booked.data.phoneNumber : undefined;
  };
  const rowOf = async (id: string) => {
    const [booked] = await all(store.readStream(callbackStream(id)));
    return booked?.type === 'CallbackBooked' ? (await keyStore.getKeys([booked.data.keyId]))[0] : undefined;
  };
  return {
    ...{ keyStore, keyring, store, book, numberOf, rowOf, context },
    move: (id: string, desiredTime: number) => rescheduleCallback(deps, id, { desiredTime, checked: false }, context()),
    erase: (id: string) => handle(store, callbackKind, callbackStream(id), { type: 'ErasePersonalData', now: iso(NOW) }, context()),
    retire: (id: string, now: number) =>
      handle(store, callbackKind, callbackStream(id), { type: 'RetireCallback', now: iso(now) }, context()),
    close: async () => {
      await store.close();
      await keyring.close();
    },
  };
};
type Desk = Awaited<ReturnType<typeof openDesk>>;

let server: TestServer;
let dir: string;
let desk: Desk;
const running: { close: () => Promise<void> }[] = [];
const start = (now = NOW, keyring: Keyring = desk.keyring, store: EventStore = desk.store) => {
  const clock = manualClock(now);
  const retention = startKeyRetention({ store, keyring, clock, log });
  running.push(retention);
  return { ...retention, clock };
};
const stop = async () => {
  for (const one of running.splice(0)) await one.close();
};
const isGone = (id: string) => until(async () => (await desk.rowOf(id)) === undefined);
/** Waits until everything that is in the log now has been carried out. */
const carriedOut = async () => {
  const end = await all(desk.store.readStream(callbackStream(await desk.book(NOW + DAY_MS))));
  const position = end.at(-1)?.position ?? 0n;
  await desk.erase(String(end[0]?.streamId.replace('callback-', '')));
  await until(async () => ((await desk.keyring.carriedOut()) ?? 0n) > position);
};

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringback-retention-'));
  desk = await openDesk(server, join(dir, 'keys'));
});
afterEach(async () => {
  await stop();
  await desk.close();
  await rm(dir, { recursive: true });
});

describe('keys whose callbacks end', () => {
  it('of one of two people booked on the same day goes with her data, and the other stays readable', async () => {
    const [ada, ben] = [await desk.book(NOW + DAY_MS, '+12125550101'), await desk.book(NOW + DAY_MS, '+12125550102')];
    start();
    await desk.erase(ada);
    await isGone(ada);
    expect(await desk.numberOf(ada)).toBeNull();
    expect(await desk.numberOf(ben)).toBe('+12125550102');
    expect((await desk.rowOf(ben))?.keyId).toBeDefined();
  });

  it('stay through moves earlier, later, ten times, and go once retired', async () => {
    const id = await desk.book(NOW + 5 * DAY_MS, '+12125550103');
    start();
    const days = [3, 9, 2, 8, 4, 7, 6, 20, 1, 10];
    for (const day of days) expect(await desk.move(id, NOW + day * DAY_MS)).toMatchObject({ ok: true });
    await carriedOut();
    expect((await desk.rowOf(id))?.deleteAfter).toBe(iso(NOW + 10 * DAY_MS + NET_MS));
    expect(await desk.numberOf(id)).toBe('+12125550103');
    await desk.retire(id, NOW + 10 * DAY_MS + TIME_TO_LIVE_MS);
    await isGone(id);
    expect(await desk.numberOf(id)).toBeNull();
  });

  it('go at their date when the retiring fact never comes, and not at one that was moved', async () => {
    const [stays, moved] = [await desk.book(NOW + DAY_MS), await desk.book(NOW + DAY_MS)];
    await desk.move(moved, NOW + 9 * DAY_MS);
    const due = NOW + DAY_MS + NET_MS;
    start(due - 1);
    await carriedOut();
    expect(await desk.rowOf(stays)).toBeDefined();
    await stop();
    start(due);
    await isGone(stays);
    expect(await desk.rowOf(moved)).toBeDefined();
  });

  it('that nobody used go, and not those of callbacks, of the do-not-call list or of what can’t be read yet', async () => {
    const id = await desk.book(NOW + 40 * DAY_MS);
    const [{ keyId }, broken, unknown] = [await desk.keyring.takeKey(), await desk.keyring.takeKey(), await desk.keyring.takeKey()];
    const raw = (type: string, key: string) => jsonEvent({ type, data: { keyId: key, sealed: 'x' }, metadata: {} });
    await server.client.appendToStream('callback-raw', [raw('CallbackBooked', broken.keyId), raw('OfNewerCode', unknown.keyId)]);
    const added = { type: 'DoNotCallEntryAdded', data: { entry: 'e', keyId, phoneNumber: '+12125550104', at: iso(NOW) } } as const;
    await desk.store.append('doNotCall-0', [added], 'any', desk.context());
    const stored = async () => (await desk.keyStore.listKeys(undefined, 1_000)).map((one) => one.keyId);
    expect((await stored()).length).toBeGreaterThan(200);
    start(NOW + 29 * DAY_MS);
    await carriedOut();
    expect((await stored()).length).toBeGreaterThan(200);
    await stop();
    start(NOW + 30 * DAY_MS);
    await until(async () => (await stored()).length < 10);
    expect(await stored()).toEqual(expect.arrayContaining([keyId, broken.keyId, unknown.keyId]));
    expect(await desk.rowOf(id)).toBeDefined();
  });

  it('stay while it isn’t heard of yet what they were used for, however far the clock leaps', async () => {
    let isAsked = false;
    let deletedUpTo = '';
    let held = Promise.resolve();
    const store: EventStore = {
      ...desk.store,
      lastPosition: () => {
        isAsked = true;
        return desk.store.lastPosition();
      },
      follow: async function* (from) {
        for await (const item of desk.store.follow(from)) {
          await held;
          yield item;
        }
      },
    };
    const keyring: Keyring = {
      ...desk.keyring,
      deleteExpired: async (now) => {
        const deleted = await desk.keyring.deleteExpired(now);
        deletedUpTo = now;
        return deleted;
      },
    };
    const { clock } = start(NOW, keyring, store);
    await carriedOut();
    await until(async () => deletedUpTo !== '');
    let release = () => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    const { keyId } = await desk.keyring.takeKey();
    const added = { type: 'DoNotCallEntryAdded', data: { entry: 'e', keyId, phoneNumber: '+12125550105', at: iso(NOW) } } as const;
    await desk.store.append('doNotCall-1', [added], 'any', desk.context());
    isAsked = false;
    await clock.advanceBy(31 * DAY_MS);
    const isDeletedUpTo = async (instant: number) => {
      await clock.advanceBy(3_600_000);
      return deletedUpTo >= iso(instant);
    };
    await until(async () => isAsked || (await isDeletedUpTo(NOW + 30 * DAY_MS)));
    release();
    await until(() => isDeletedUpTo(NOW + 30 * DAY_MS));
    expect(await desk.keyStore.getKeys([keyId])).toHaveLength(1);
  });

  it('go at the next start when their end was recorded while nobody carried it out', async () => {
    const id = await desk.book(NOW + DAY_MS);
    await desk.erase(id);
    expect(await desk.rowOf(id)).toBeDefined();
    start();
    await isGone(id);
  });

  it('go after all when the key store fails on the way', async () => {
    const id = await desk.book(NOW + DAY_MS);
    let failures = 0;
    const failingOnce: Keyring = {
      ...desk.keyring,
      forget: (...keyIds) => (failures++ === 0 ? Promise.reject(new Error('the key store is away')) : desk.keyring.forget(...keyIds)),
    };
    start(NOW, failingOnce);
    await desk.erase(id);
    await isGone(id);
    expect(failures).toBeGreaterThan(1);
  });

  it('go when their end is heard of while dates are being carried out', async () => {
    const [id, other] = [await desk.book(NOW + DAY_MS), await desk.book(NOW + DAY_MS)];
    const follower = new AbortController();
    const heard = new Set<string>();
    const following = (async () => {
      for await (const item of desk.store.follow({ after: undefined, personal: false, signal: follower.signal }))
        if (item.kind === 'event') heard.add(`${item.event.type} ${item.event.streamId}`);
    })();
    const hears = async (type: string, of: string) => {
      await until(async () => heard.has(`${type} ${callbackStream(of)}`));
      await new Promise((resolve) => setTimeout(resolve, 20)); // for the other follower, which nothing shows
    };
    let isHeld = false;
    let marked: Promise<void> = Promise.resolve();
    const holding: Keyring = {
      ...desk.keyring,
      setDeleteAfter: async (...dates) => {
        await marked;
        return desk.keyring.setDeleteAfter(...dates);
      },
      setCarriedOut: (position) => {
        const mark = async () => {
          await desk.keyring.setCarriedOut(position);
          if (!isHeld) return;
          isHeld = false;
          await desk.erase(id);
          await hears('PersonalDataErased', id);
        };
        marked = mark();
        return marked;
      },
    };
    const { clock } = start(NOW, holding);
    await carriedOut();
    await desk.move(other, NOW + 2 * DAY_MS);
    await hears('CallbackRescheduled', other);
    isHeld = true;
    await clock.advanceBy(3_600_000);
    await isGone(id);
    follower.abort();
    await following;
  });
});

describe('an old copy of the key store that is restored', () => {
  it('revives nothing: what ended since ends again, and what did not stays', async () => {
    const [erased, retired, kept] = [await desk.book(NOW + DAY_MS), await desk.book(NOW + DAY_MS), await desk.book(NOW + DAY_MS)];
    start();
    await carriedOut();
    const copy = join(dir, 'copy');
    await desk.keyStore.backUp?.(copy);
    await desk.erase(erased);
    await desk.retire(retired, NOW + DAY_MS + TIME_TO_LIVE_MS);
    await isGone(erased);
    await isGone(retired);
    await stop();
    await desk.close();

    await rm(join(dir, 'keys'), { recursive: true });
    await cp(copy, join(dir, 'keys'), { recursive: true });
    desk = await openDesk(server, join(dir, 'keys'));
    for (const id of [erased, retired]) expect(await desk.numberOf(id)).toBe('+12125550123'); // the copy has their keys
    start();
    await isGone(erased);
    await isGone(retired);
    for (const id of [erased, retired]) expect(await desk.numberOf(id)).toBeNull();
    expect(await desk.numberOf(kept)).toBe('+12125550123');
  });

  it('holds no trace of a key that was deleted before it was made', async () => {
    const id = await desk.book(NOW + DAY_MS);
    const row = await desk.rowOf(id);
    start();
    await desk.erase(id);
    await isGone(id);
    await desk.keyStore.backUp?.(join(dir, 'copy'));
    const bytes = await readFile(join(dir, 'copy', 'data.mdb'));
    expect(row?.sealedKey.length).toBeGreaterThan(32);
    expect(bytes.includes(Buffer.from(row?.sealedKey ?? []))).toBe(false);
  });

  it('of another log, whose mark is no position here, has everything carried out anew', async () => {
    const id = await desk.book(NOW + DAY_MS);
    await desk.erase(id);
    await desk.keyring.setCarriedOut(((await desk.store.lastPosition()) ?? 0n) + 1_000_000n);
    start();
    await isGone(id);
  });
});
