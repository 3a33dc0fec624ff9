import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeyStore } from '../../src/keys/key-store.ts';
import { openKeyring } from '../../src/keys/keyring.ts';
import { lmdbKeyStore } from '../../src/keys/lmdb-key-store.ts';
import { KeyLostError, keyringSealer } from '../../src/keys/sealer.ts';
import { SecretsKeyError } from '../../src/keys/secrets-key.ts';

const secretsKey = () => randomBytes(32).toString('base64');
const first = secretsKey();
const personal = { phoneNumber: '+15550100', userData: { name: 'Ada' } };

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringback-keyring-'));
});
afterEach(() => rm(dir, { recursive: true }));

const open = async (key = first, options: { ahead?: number; cached?: number; around?: (store: KeyStore) => KeyStore } = {}) => {
  const { around = (store: KeyStore) => store, ...rest } = options;
  const store = await lmdbKeyStore({ dir });
  const keyring = await openKeyring({ store: around(store), secretsKey: key, blockSize: 8, ahead: 8, ...rest }).catch(async (error) => {
    await store.close();
    throw error;
  });
  return { store, keyring, sealer: keyringSealer(keyring) };
};
const signal = (): [Promise<void>, () => void] => {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [given, () => give()];
};

/** Two nodes on one store. */
const openTwo = async () => {
  const here = await open();
  const store: KeyStore = { ...here.store, close: async () => undefined };
  const there = await openKeyring({ store, secretsKey: first, blockSize: 8, ahead: 8 });
  const close = async () => {
    await there.close();
    await here.keyring.close();
  };
  return { here: here.keyring, there, store, close };
};
const storedIds = async ({ store }: { store: KeyStore }) => (await store.listKeys(undefined, 1000)).map(({ keyId }) => keyId);

describe('a keyring', () => {
  it('reads what was sealed, also when it is opened again', async () => {
    const before = await open();
    const { keyId } = await before.keyring.takeKey();
    const sealed = await before.sealer.seal(keyId, 'CallbackBooked', personal);
    expect(await before.sealer.open(keyId, 'CallbackBooked', sealed)).toEqual(personal);
    await before.keyring.close();
    const after = await open();
    expect(await after.sealer.open(keyId, 'CallbackBooked', sealed)).toEqual(personal);
    await after.keyring.close();
  });

  it('keeps no key in the clear', async () => {
    const { keyring, store } = await open();
    const { keyId, key } = await keyring.takeKey();
    const [row] = await store.getKeys([keyId]);
    expect(Buffer.from(row?.sealedKey ?? []).includes(key)).toBe(false);
    await keyring.close();
  });

  it('gives undefined for keys it never had', async () => {
    const { keyring } = await open();
    expect(await keyring.keyOf('unknown')).toBeUndefined();
    await keyring.close();
  });

  it('leaves only taken keys behind when it is closed', async () => {
    const opened = await open();
    const { keyId } = await opened.keyring.takeKey();
    await opened.keyring.close();
    const again = await open(first, { ahead: 0 });
    expect(await storedIds(again)).toEqual([keyId]);
    await again.keyring.close();
  });

  it('gives a key again that was given back, unless it was deleted meanwhile', async () => {
    const { keyring } = await open();
    const { keyId } = await keyring.takeKey();
    keyring.giveBack(keyId);
    expect((await keyring.takeKey()).keyId).toBe(keyId);
    await keyring.forget(keyId);
    keyring.giveBack(keyId);
    expect((await keyring.takeKey()).keyId).not.toBe(keyId);
    await keyring.close();
  });

  it('refuses another SECRETS_KEY, and changes nothing', async () => {
    const before = await open();
    const hash = before.keyring.hash('label', 'part');
    await before.keyring.close();
    await expect(open(secretsKey())).rejects.toThrow(/^SECRETS_KEY is not the one that the key store is sealed with/);
    await expect(open('short')).rejects.toThrow(SecretsKeyError);
    const after = await open();
    expect(after.keyring.hash('label', 'part')).toBe(hash);
    await after.keyring.close();
  });

  it('hashes alike on every node, and on no other store', async () => {
    const { here, there, close } = await openTwo();
    const hash = here.hash('label', 'part');
    expect(there.hash('label', 'part')).toBe(hash);
    await close();
    await rm(dir, { recursive: true });
    const elsewhere = await open();
    expect(elsewhere.keyring.hash('label', 'part')).not.toBe(hash);
    await elsewhere.keyring.close();
  });

  it('asks the store once for keys that are wanted together, and again only when they have left the memory', async () => {
    const writer = await open();
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push((await writer.keyring.takeKey()).keyId);
    await writer.keyring.close();
    const asked: (readonly string[])[] = [];
    const around = (store: KeyStore): KeyStore => ({
      ...store,
      getKeys: (keyIds) => {
        asked.push(keyIds);
        return store.getKeys(keyIds);
      },
    });
    const { keyring } = await open(first, { ahead: 0, cached: 10, around });
    const keys = await Promise.all([...ids, ...ids].map((id) => keyring.keyOf(id)));
    expect(keys.every((key) => key?.length === 32)).toBe(true);
    expect(asked).toEqual([ids]);
    await keyring.keyOf(ids[11] ?? '');
    expect(asked).toHaveLength(1);
    await keyring.keyOf(ids[0] ?? '');
    expect(asked).toEqual([ids, [ids[0]]]);
    await keyring.close();
  });

  it('takes a row that was changed for an error, without holding up the others', async () => {
    const { here, there, store, close } = await openTwo();
    const [good, bad] = [await here.takeKey(), await here.takeKey()];
    const before = (await store.getKeys([bad.keyId]))[0]?.sealedKey ?? Buffer.of();
    const after = Buffer.from(before);
    after.writeUInt8(after.readUInt8(after.length - 1) ^ 1, after.length - 1);
    await store.resealKeys([{ keyId: bad.keyId, before, after }]);
    const [goodKey, badKey] = await Promise.allSettled([there.keyOf(good.keyId), there.keyOf(bad.keyId)]);
    expect(goodKey).toEqual({ status: 'fulfilled', value: good.key });
    expect(badKey).toMatchObject({ status: 'rejected', reason: expect.any(SecretsKeyError) });
    await close();
  });
});

describe('a key that is erased', () => {
  it('is gone at once, for the one who took it and after a restart', async () => {
    const { keyring, sealer, store } = await open();
    const { keyId } = await keyring.takeKey();
    const kept = await keyring.takeKey();
    const sealed = await sealer.seal(keyId, 'CallbackBooked', personal);
    const forgetting = keyring.forget(keyId);
    expect(await sealer.open(keyId, 'CallbackBooked', sealed)).toBeUndefined();
    await forgetting;
    expect(await store.getKeys([keyId])).toEqual([]);
    expect(await sealer.open(keyId, 'CallbackBooked', sealed)).toBeUndefined();
    await expect(sealer.seal(keyId, 'CallbackBooked', personal)).rejects.toThrow(KeyLostError);
    expect(await keyring.keyOf(kept.keyId)).toEqual(kept.key);
    await keyring.close();
    const again = await open();
    expect(await again.sealer.open(keyId, 'CallbackBooked', sealed)).toBeUndefined();
    await again.keyring.forget(keyId); // as when history is replayed at start
    await again.keyring.close();
  });

  it('does not come back with a read that was under way', async () => {
    const writer = await open();
    const { keyId } = await writer.keyring.takeKey();
    await writer.keyring.close();
    const [held, answer] = signal();
    const [reading, read] = signal();
    const around = (store: KeyStore): KeyStore => ({
      ...store,
      getKeys: async (keyIds) => {
        const rows = await store.getKeys(keyIds);
        read();
        await held;
        return rows;
      },
    });
    const { keyring } = await open(first, { ahead: 0, around });
    const underWay = keyring.keyOf(keyId);
    await reading;
    await keyring.forget(keyId);
    answer();
    expect(await underWay).toBeUndefined();
    expect(await keyring.keyOf(keyId)).toBeUndefined();
    await keyring.close();
  });

  it('stays unreadable here when the store fails to delete it, until that is repeated', async () => {
    let away = true;
    const around = (store: KeyStore): KeyStore => ({
      ...store,
      deleteKeys: (keyIds) => (away ? Promise.reject(new Error('the store is away')) : store.deleteKeys(keyIds)),
    });
    const { keyring } = await open(first, { around });
    const { keyId } = await keyring.takeKey();
    await expect(keyring.forget(keyId)).rejects.toThrow('the store is away');
    expect(await keyring.keyOf(keyId)).toBeUndefined();
    away = false;
    await keyring.forget(keyId);
    expect(await keyring.keyOf(keyId)).toBeUndefined();
    await keyring.close();
  });

  it('by another node is gone once that is heard of', async () => {
    const { here, there, close } = await openTwo();
    const { keyId } = await here.takeKey();
    await there.forget(keyId);
    here.evict(keyId);
    expect(await here.keyOf(keyId)).toBeUndefined();
    await close();
  });

  it('is unreadable once the fact is heard of, and stays so, though the row is still there for a while', async () => {
    const { here, there, close } = await openTwo();
    const { keyId } = await there.takeKey();
    expect(await here.keyOf(keyId)).toBeDefined();
    here.evict(keyId);
    expect(await here.keyOf(keyId)).toBeUndefined();
    await there.forget(keyId);
    expect(await here.keyOf(keyId)).toBeUndefined();
    await close();
  });
});

describe('a key that expires', () => {
  it('is deleted from its date on, and not before; the date can move', async () => {
    const { keyring } = await open();
    const [soon, moved, never] = [await keyring.takeKey(), await keyring.takeKey(), await keyring.takeKey()];
    await keyring.setDeleteAfter(new Map([soon, moved].map(({ keyId }) => [keyId, '2026-03-01T00:00:00.000Z'])));
    await keyring.setDeleteAfter(new Map([[moved.keyId, '2026-03-09T00:00:00.000Z']]));
    expect(await keyring.deleteExpired('2026-02-28T23:59:59.999Z')).toBe(0);
    expect(await keyring.deleteExpired('2026-03-01T00:00:00.000Z')).toBe(1);
    expect(await keyring.keyOf(soon.keyId)).toBeUndefined();
    expect(await keyring.keyOf(moved.keyId)).toEqual(moved.key);
    expect(await keyring.deleteExpired('2030-01-01T00:00:00.000Z')).toBe(1);
    expect(await keyring.keyOf(never.keyId)).toEqual(never.key);
    await keyring.close();
  });
});

describe('a change of SECRETS_KEY', () => {
  const second = secretsKey();
  const sealSome = async (opened: Awaited<ReturnType<typeof open>>, count: number) => {
    const some: { keyId: string; sealed: string }[] = [];
    for (let i = 0; i < count; i++) {
      const { keyId } = await opened.keyring.takeKey();
      some.push({ keyId, sealed: await opened.sealer.seal(keyId, 'CallbackBooked', { i }) });
    }
    return some;
  };
  const readAll = (opened: Awaited<ReturnType<typeof open>>, some: { keyId: string; sealed: string }[]) =>
    Promise.all(some.map(({ keyId, sealed }) => opened.sealer.open(keyId, 'CallbackBooked', sealed)));

  it('changes no hash, loses no key, and shuts the old one out', async () => {
    const before = await open();
    const some = await sealSome(before, 20);
    const hash = before.keyring.hash('label', 'part');
    await before.keyring.forget(some[0]?.keyId ?? '');
    expect(await before.keyring.rotate({ next: second })).toBeGreaterThanOrEqual(19);
    const more = await sealSome(before, 20);
    await before.keyring.close();
    await expect(open(first)).rejects.toThrow(SecretsKeyError);
    const after = await open(second);
    expect(await readAll(after, [...some, ...more])).toEqual([
      undefined,
      ...[...some, ...more].slice(1).map((_, i) => ({ i: (i + 1) % 20 })),
    ]);
    expect(after.keyring.hash('label', 'part')).toBe(hash);
    await after.keyring.close();
  });

  it('that was interrupted is open to the new key, and goes on with the next change', async () => {
    let failing = false;
    const around = (store: KeyStore): KeyStore => ({
      ...store,
      resealKeys: (changes) => (failing ? Promise.reject(new Error('interrupted')) : store.resealKeys(changes)),
    });
    const before = await open(first, { around });
    const some = await sealSome(before, 20);
    failing = true;
    await expect(before.keyring.rotate({ next: second })).rejects.toThrow('interrupted');
    await before.keyring.close();
    await expect(open(first)).rejects.toThrow(SecretsKeyError);
    const between = await open(second);
    expect(await readAll(between, some)).toEqual(some.map((_, i) => ({ i })));
    const third = secretsKey();
    await between.keyring.rotate({ next: third });
    await between.keyring.close();
    const after = await open(third);
    expect(await readAll(after, some)).toEqual(some.map((_, i) => ({ i })));
    await after.keyring.close();
  });
});
