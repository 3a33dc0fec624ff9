import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startPostgres } from '../../src/embedded/postgres/start.ts';
import type { KeyStore } from '../../src/keys/key-store.ts';
import { type Keyring, openKeyring } from '../../src/keys/keyring.ts';
import { lmdbKeyStore } from '../../src/keys/lmdb-key-store.ts';
import { postgresKeyStore } from '../../src/keys/postgres-key-store.ts';
import { previousSecretsKey } from '../../src/keys/rotation.ts';
import { isSealedWith, parseSecretsKey, SecretsKeyError } from '../../src/keys/secrets-key.ts';
import { freshPostgresDir } from '../support/postgres.ts';

const secretsKey = () => randomBytes(32).toString('base64');
const [first, second, third] = [secretsKey(), secretsKey(), secretsKey()];
type Taken = { readonly keyId: string; readonly key: Buffer };

const take = async (keyring: Keyring, count: number): Promise<Taken[]> => {
  const taken: Taken[] = [];
  for (let n = 0; n < count; n++) taken.push(await keyring.takeKey());
  return taken;
};
const expectReadable = async (keyring: Keyring, taken: readonly Taken[]) => {
  for (const { keyId, key } of taken) expect((await keyring.keyOf(keyId))?.equals(key)).toBe(true);
};
const sealedOtherwise = async (store: KeyStore, key: string) =>
  (await store.listKeys(undefined, 100_000)).filter(({ sealedKey }) => !isSealedWith(sealedKey, parseSecretsKey(key))).length;

describe('SECRETS_KEY of a store that one process has', () => {
  let dir: string;
  let child: ChildProcess | undefined;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ringback-seal-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await rm(dir, { recursive: true });
  });
  const open = async (key: string, next?: string) => {
    const store = await lmdbKeyStore({ dir });
    try {
      return { store, keyring: await openKeyring({ store, secretsKey: key, nextSecretsKey: next, blockSize: 64, ahead: 0 }) };
    } catch (error) {
      await store.close();
      throw error;
    }
  };

  it('is forgotten once it was changed and nothing is sealed with it, while keys go on being taken', async () => {
    const { store, keyring } = await open(first);
    const before = await take(keyring, 100);
    let isRotating = true;
    const rotating = keyring.rotate({ next: second }).finally(() => {
      isRotating = false;
    });
    const during: Taken[] = [];
    while (isRotating) during.push(...(await take(keyring, 10)));
    expect(await rotating).toBeGreaterThanOrEqual(100);
    expect(await sealedOtherwise(store, second)).toBe(0);
    expect(await previousSecretsKey(store, parseSecretsKey(second))).toBeUndefined();
    await keyring.close();
    await expect(open(first)).rejects.toThrow(SecretsKeyError);
    const after = await open(second);
    await expectReadable(after.keyring, [...before, ...during]);
    await after.keyring.close();
  });

  it('is changed once at a time', async () => {
    const { keyring } = await open(first);
    const rotating = keyring.rotate({ next: second });
    await expect(keyring.rotate({ next: third })).rejects.toThrow('SECRETS_KEY is being changed already');
    await rotating;
    await keyring.close();
  });

  it('that a stop interrupts stays readable with both, and a repeat goes on with it', async () => {
    const { store, keyring } = await open(first);
    const taken = await take(keyring, 2_500);
    const stop = new AbortController();
    const told = (keys: number) => keys >= 1_000 && stop.abort();
    await expect(keyring.rotate({ next: second, signal: stop.signal, told })).rejects.toThrow();
    expect(keyring.isChanging()).toBe(true);
    expect(await sealedOtherwise(store, second)).toBeGreaterThan(0);
    await keyring.close();
    const again = await open(first, second);
    expect([again.keyring.isChanging(), again.keyring.isSealedWith(second)]).toEqual([true, true]);
    await expectReadable(again.keyring, taken);
    expect(await again.keyring.rotate({ next: undefined })).toBeLessThan(2_500);
    expect(again.keyring.isChanging()).toBe(false);
    expect(await sealedOtherwise(again.store, second)).toBe(0);
    await again.keyring.close();
  });

  it('that a kill interrupts, wherever it comes, is lost for no key, and a repeat goes on with it', { timeout: 60_000 }, async () => {
    const { keyring } = await open(first);
    const taken = await take(keyring, 5_000);
    await keyring.close();
    const url = (name: string) => JSON.stringify(new URL(`../../src/keys/${name}.ts`, import.meta.url).href);
    const rotating = `import { openKeyring } from ${url('keyring')};
      import { lmdbKeyStore } from ${url('lmdb-key-store')};
      const store = await lmdbKeyStore({ dir: ${JSON.stringify(dir)} });
      const keyring = await openKeyring({ store, secretsKey: '${first}', nextSecretsKey: '${second}', ahead: 0 });
      await keyring.rotate({ next: '${second}', changed: async () => console.log('changed'), told: (keys) => console.log(keys) });`;
    for (const lines of [1, 3]) {
      const started = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', rotating], {
        stdio: ['ignore', 'pipe', 'inherit'],
        cwd: process.cwd(),
      });
      child = started;
      let heard = 0;
      started.stdout.on('data', (chunk: Buffer) => {
        heard += chunk.toString().split('\n').length - 1;
        if (heard >= lines) started.kill('SIGKILL');
      });
      await once(started, 'exit');
      expect(started.signalCode).toBe('SIGKILL');
      const between = await open(first, second);
      expect(between.keyring.isSealedWith(second)).toBe(true);
      await expectReadable(between.keyring, taken);
      await between.keyring.close();
    }
    const { store, keyring: last } = await open(second);
    await last.rotate({ next: undefined });
    expect(await sealedOtherwise(store, second)).toBe(0);
    await expectReadable(last, taken);
    await last.close();
  });
});

describe('SECRETS_KEY of a store that several nodes have', () => {
  let embedded: EmbeddedPostgres;
  const keyrings: Keyring[] = [];
  beforeAll(async () => {
    embedded = await startPostgres({ dir: await freshPostgresDir() });
  });
  afterEach(async () => {
    for (const keyring of keyrings.splice(0)) await keyring.close();
    const store = await postgresKeyStore({ pool: embedded.poolConfig });
    await store.deleteKeys((await store.listKeys(undefined, 100_000)).map(({ keyId }) => keyId));
    await store.putSecrets({ 'hash-key': undefined, 'previous-secrets-key': undefined });
    await store.close();
  });
  afterAll(() => embedded.close());
  const node = async (key: string, next?: string) => {
    const store = await postgresKeyStore({ pool: embedded.poolConfig });
    const keyring = await openKeyring({ store, secretsKey: key, nextSecretsKey: next, blockSize: 4, ahead: 0 });
    keyrings.push(keyring);
    return { store, keyring };
  };

  it('changes under nodes that know the next one: they read on, and seal with the new one from their next block on', async () => {
    const here = await node(first, second);
    const there = await node(first, second);
    const before = [...(await take(here.keyring, 5)), ...(await take(there.keyring, 5))];
    await (await node(first, second)).keyring.rotate({ next: second });
    const after = [...(await take(here.keyring, 8)), ...(await take(there.keyring, 8))];
    const late = await node(second);
    await expectReadable(late.keyring, [...before, ...after]);
    await expectReadable(here.keyring, [...before, ...after]);
    expect(late.keyring.isChanging()).toBe(true);
    await late.keyring.rotate({ next: undefined });
    expect([late.keyring.isChanging(), await sealedOtherwise(late.store, second)]).toEqual([false, 0]);
    await expectReadable((await node(second)).keyring, [...before, ...after]);
  });

  it('keeps a node that knows only the old one from sealing anything with it', async () => {
    const old = await node(first);
    const before = await take(old.keyring, 4);
    await (await node(first, second)).keyring.rotate({ next: second });
    await expect(old.keyring.takeKey()).rejects.toThrow(/has to be started with the new one$/);
    await expectReadable((await node(second)).keyring, before);
  });

  it('changes once when two change it at the same time', async () => {
    const [one, other] = [await node(first), await node(first)];
    const taken = await take(one.keyring, 10);
    const results = await Promise.allSettled([one.keyring.rotate({ next: second }), other.keyring.rotate({ next: third })]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const winner = await node(results[0]?.status === 'fulfilled' ? second : third);
    await expectReadable(winner.keyring, taken);
  });
});
