import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openKeyring } from '../../src/keys/keyring.ts';
import { lmdbKeyStore } from '../../src/keys/lmdb-key-store.ts';
import { keyringSealer } from '../../src/keys/sealer.ts';

const secretsKey = Buffer.alloc(32, 5).toString('base64');

/** Takes keys and seals as fast as it can, telling each on a line, until it is killed. */
const sealing = (dir: string) => `
  import { openKeyring } from ${JSON.stringify(new URL('../../src/keys/keyring.ts', import.meta.url).href)};
  import { lmdbKeyStore } from ${JSON.stringify(new URL('../../src/keys/lmdb-key-store.ts', import.meta.url).href)};
  import { keyringSealer } from ${JSON.stringify(new URL('../../src/keys/sealer.ts', import.meta.url).href)};
  const store = await lmdbKeyStore({ dir: ${JSON.stringify(dir)} });
  const keyring = await openKeyring({ store, secretsKey: ${JSON.stringify(secretsKey)}, blockSize: 8, ahead: 16 });
  const sealer = keyringSealer(keyring);
  for (let i = 0; ; i++) {
    const { keyId } = await keyring.takeKey();
    process.stdout.write(JSON.stringify({ keyId, i, sealed: await sealer.seal(keyId, 'CallbackBooked', { i }) }) + '\\n');
  }`;

let dir: string;
let child: ChildProcess | undefined;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringback-keys-crash-'));
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await rm(dir, { recursive: true });
});

it('after a kill, everything sealed before is readable, and no key is given again', async () => {
  const told: { keyId: string; i: number; sealed: string }[] = [];
  for (const lines of [1, 30, 200]) {
    const started = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', sealing(dir)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: process.cwd(),
    });
    child = started;
    let read = 0;
    for await (const line of createInterface({ input: started.stdout })) {
      if (!line.endsWith('}')) continue; // cut off by the kill
      told.push(JSON.parse(line));
      read += 1;
      if (read === lines) started.kill('SIGKILL');
    }
    if (started.exitCode === null && started.signalCode === null) await once(started, 'exit');
    expect(started.signalCode).toBe('SIGKILL');
  }
  const store = await lmdbKeyStore({ dir });
  const keyring = await openKeyring({ store, secretsKey, blockSize: 8, ahead: 0 });
  const sealer = keyringSealer(keyring);
  expect(told.length).toBeGreaterThan(230);
  for (const { keyId, i, sealed } of told) expect(await sealer.open(keyId, 'CallbackBooked', sealed)).toEqual({ i });
  const stored = await store.listKeys(undefined, 1_000_000);
  for (let n = 0; n < 100; n++) {
    const { keyId } = await keyring.takeKey();
    expect(stored.some((row) => row.keyId === keyId)).toBe(false);
    told.push({ keyId, i: n, sealed: '' });
  }
  expect(new Set(told.map(({ keyId }) => keyId)).size).toBe(told.length);
  await keyring.close();
});
