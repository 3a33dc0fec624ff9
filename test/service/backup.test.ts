import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { askHolder as askAny, type Command } from '../../src/embedded/ask-holder.ts';
import { restore } from '../../src/service/restore.ts';
import { at } from '../api/support/ask.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { given, type Running, startRunning } from './running.ts';

/** Whatever is asked, as another version of the command might. */
type Anything = Command & Readonly<Record<string, unknown>>;
const askHolder = (on: string, command: Anything, told?: (line: unknown) => void) => askAny(on, command, told);

let dir: string;
let other: string;
const services: Running[] = [];
beforeEach(async () => {
  dir = dirname(await freshPostgresDir());
  other = await mkdtemp(join(tmpdir(), 'ringback-backup-'));
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
  await rm(other, { recursive: true });
});
const start = async (on = dir, env: Readonly<Record<string, string>> = {}): Promise<Running> => {
  const running = await startRunning({ dir: on, env: { ...given, SIMULATOR: 'off', ...env }, speed: 1 });
  services.push(running);
  return running;
};
const stop = async () => {
  for (const service of services.splice(0)) await service.close();
};
const number = (n: number) => `+1212555${String(1_000 + n)}`;
const book = (running: Running, n: number) => running.book({ serviceName: 'demo', phoneNumber: number(n) });
const numberOf = async ({ asClient }: Running, id: string) =>
  at((await asClient('/callbacks/retrieve', { id })).body, 'data', 'phoneNumber');
const backUp = (to: string, on = dir) => askHolder(on, { command: 'backup', to });
const rotate = (on = dir) => askHolder(on, { command: 'rotate', next: null });
const restoreInto = (to: string, from: string) => restore(readConfig({ DATA_DIR: to }), from);

/** Books in several lanes until told to stop; answers what was acknowledged, in order. */
const load = (running: Running) => {
  const acknowledged: { id: string; phoneNumber: string }[] = [];
  let ended = false;
  let next = 0;
  const lane = async () => {
    while (!ended) {
      const n = next++;
      acknowledged.push({ id: await book(running, n), phoneNumber: number(n) });
    }
  };
  const lanes = Promise.all(Array.from({ length: 4 }, lane));
  return {
    acknowledged,
    atLeast: async (count: number) => {
      while (acknowledged.length < count) await new Promise((resolve) => setImmediate(resolve));
    },
    end: async () => {
      ended = true;
      await lanes;
    },
  };
};

describe('a backup', { timeout: 60_000 }, () => {
  it('made under writes has everything that was acknowledged before, whole, in a new folder that a service runs on', async () => {
    const running = await start();
    const { acknowledged, atLeast, end } = load(running);
    await atLeast(40);
    const before = [...acknowledged];
    await backUp(join(other, 'copy'));
    await atLeast(before.length + 20);
    await end();
    await stop();

    await restoreInto(join(other, 'data'), join(other, 'copy'));
    const restored = await start(join(other, 'data'));
    for (const { id, phoneNumber } of before) expect(await numberOf(restored, id)).toBe(phoneNumber);
    for (const { id, phoneNumber } of acknowledged.slice(before.length)) {
      expect([phoneNumber, undefined]).toContain(await numberOf(restored, id)); // there with its key, or not at all
    }
    const verified: unknown[] = [];
    expect(await askHolder(join(other, 'data'), { command: 'verify', names: [] }, (line) => verified.push(line))).toEqual({
      result: { differs: false },
    });
    expect(verified.length).toBeGreaterThan(3);
    expect(await numberOf(restored, await book(restored, 999))).toBe(number(999));
  });

  it('needs a folder of its own, and leaves none behind when it fails', async () => {
    await start();
    await mkdir(join(other, 'used', 'something'), { recursive: true });
    await expect(backUp(join(other, 'used'))).rejects.toThrow(`The folder ${join(other, 'used')} is not empty`);
    await writeFile(join(other, 'file'), '');
    await expect(backUp(join(other, 'file', 'copy'))).rejects.toThrow();
    const [one, two] = await Promise.allSettled([backUp(join(other, 'one')), backUp(join(other, 'two'))]);
    expect([one.status, two.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect([existsSync(join(other, 'one')), existsSync(join(other, 'two'))].sort()).toEqual([false, true]);
    const refused = [one, two].find((result) => result.status === 'rejected');
    expect(String(refused?.reason)).toContain('A backup is under way: ask for the backup again when it is done.');
  });

  it('is restored into nothing that is there, and what a cut-off restore left is started by nobody', async () => {
    const running = await start();
    await book(running, 1);
    await backUp(join(other, 'copy'));
    await expect(restoreInto(dir, join(other, 'copy'))).rejects.toThrow('is in use by another process');
    await stop();
    await expect(restoreInto(dir, join(other, 'copy'))).rejects.toThrow(`${dir} is not empty`);
    await expect(restoreInto(join(other, 'data'), other)).rejects.toThrow('is no backup');
    await mkdir(join(other, 'half', 'restoring'), { recursive: true });
    await expect(start(join(other, 'half'))).rejects.toThrow(/A restore into .* was cut off/);
    await expect(restoreInto(join(other, 'half'), join(other, 'copy'))).rejects.toThrow(/was cut off/);
  });

  it('of the keys alone, by schedule, is put beside events that lost theirs', async () => {
    const backups = join(other, 'backups');
    await mkdir(backups);
    const running = await start(dir, { KEYS_BACKUP_DIR: backups });
    const before = await book(running, 1);
    await stop();
    await rm(backups, { recursive: true }); // the first was made before the booking
    await mkdir(backups);
    const again = await start(dir, { KEYS_BACKUP_DIR: backups });
    const [name = ''] = await untilSome(backups);
    const after = await book(again, 2);
    await stop();

    await expect(restoreInto(dir, join(backups, name))).rejects.toThrow(`${dir} has keys`);
    await expect(restoreInto(join(other, 'empty'), join(backups, name))).rejects.toThrow('has no events');
    await rename(join(dir, 'keys'), join(other, 'lost'));
    await restoreInto(dir, join(backups, name));
    const restored = await start();
    expect(await numberOf(restored, before)).toBe(number(1));
    expect((await restored.history(after))[0]?.type).toBe('CallbackBooked'); // with its number only if its key was made before
    expect(await numberOf(restored, await book(restored, 3))).toBe(number(3));
  });
});

const untilSome = async (folder: string): Promise<readonly string[]> => {
  for (;;) {
    const names = (await readdir(folder)).filter((name) => !name.endsWith('.partial'));
    if (names.length > 0) return names;
    await new Promise((resolve) => setImmediate(resolve));
  }
};

describe('another SECRETS_KEY', { timeout: 60_000 }, () => {
  const kept = () => readFile(join(dir, 'secrets.key'), 'utf8');

  it('is made and kept beside a running service, while bookings go on, and everything stays readable', async () => {
    const running = await start();
    const { acknowledged, atLeast, end } = load(running);
    await atLeast(20);
    const first = await kept();
    expect(await rotate()).toEqual({ result: { keys: expect.any(Number), ended: true } });
    await atLeast(acknowledged.length + 20);
    await end();
    const second = await kept();
    expect(second).not.toBe(first);
    expect(existsSync(join(dir, 'secrets.key.next'))).toBe(false);
    await stop();

    const again = await start();
    for (const { id, phoneNumber } of acknowledged) expect(await numberOf(again, id)).toBe(phoneNumber);
    await rotate();
    expect(await kept()).not.toBe(second);
    await backUp(join(other, 'copy'));
    expect(await readFile(join(other, 'copy', 'secrets.key'), 'utf8')).toBe(await kept());
  });

  it('that was in force when a kill came, but not yet in its place, is found at the next start', async () => {
    const running = await start();
    const id = await book(running, 1);
    const first = await kept();
    await rotate();
    await stop();
    await rename(join(dir, 'secrets.key'), join(dir, 'secrets.key.next')); // as it is between the two steps
    await writeFile(join(dir, 'secrets.key'), first);
    const again = await start();
    expect(await numberOf(again, id)).toBe(number(1));
    expect([(await kept()) === first, existsSync(join(dir, 'secrets.key.next'))]).toEqual([false, false]);
  });

  it('is asked for where the environment gives the one before', async () => {
    const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)].map((key) => key.toString('base64'));
    const running = await start(dir, { SECRETS_KEY: first ?? '' });
    const id = await book(running, 1);
    await expect(rotate()).rejects.toThrow('SECRETS_KEY_NEXT: give the new key');
    expect(await askHolder(dir, { command: 'rotate', next: second })).toEqual({ result: { keys: expect.any(Number), ended: true } });
    await stop();
    await expect(start(dir, { SECRETS_KEY: first ?? '' })).rejects.toThrow('SECRETS_KEY is not the one that the key store is sealed with');
    expect(await numberOf(await start(dir, { SECRETS_KEY: second ?? '' }), id)).toBe(number(1));
  });
});

describe('what a service is asked to do', { timeout: 60_000 }, () => {
  it('is refused with a sentence when it is no command, or given what can not be read', async () => {
    await start();
    await expect(askHolder(dir, { command: 'dance' })).rejects.toThrow('This service knows no command dance.');
    await expect(askHolder(dir, { command: 'backup' })).rejects.toThrow("backup: what it was given can't be read.");
    await expect(askHolder(dir, { command: 'rebuild', names: ['nothing'] })).rejects.toThrow('there is no read model nothing');
  });

  it('one after another: a rebuild or a verify is refused while another is under way', async () => {
    await start();
    const results = await Promise.allSettled(['rebuild', 'verify'].map((command) => askHolder(dir, { command, names: [] })));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await askHolder(dir, { command: 'verify', names: ['callback_list'] })).toEqual({ result: { differs: false } });
  });

  it('ends with an answer when the service is stopped on the way, and the folder is free after that', async () => {
    const running = await start();
    await Promise.all(Array.from({ length: 50 }, (_, n) => book(running, n)));
    const asked = ['rebuild', 'backup'].map((command) => askHolder(dir, { command, names: [], to: join(other, command) }).catch(String));
    await stop();
    for (const answer of await Promise.all(asked)) expect(answer).toBeDefined();
    const again = await start();
    expect(await askHolder(dir, { command: 'verify', names: [] })).toEqual({ result: { differs: false } });
    expect(await numberOf(again, await book(again, 99))).toBe(number(99));
  });
});
