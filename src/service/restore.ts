import { cp, mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { holdFolder } from '../embedded/control-socket.ts';
import { entriesOf, syncTree } from './files.ts';
import { NEXT_SECRETS_FILE, SECRETS_FILE } from './secrets-key-file.ts';

/** What is restored lies here until it is whole; while it is there, nothing starts on DATA_DIR. */
const RESTORING = 'restoring';
const SOCKET = 'control.sock';

/** Rejects with a sentence where a restore was cut off, for what it left isn't whole. */
export const refuseCutOffRestore = async (dataDir: string): Promise<void> => {
  if ((await entriesOf(dataDir)).includes(RESTORING))
    throw new Error(`A restore into ${dataDir} was cut off: remove what it put there, and restore again.`);
};

const putInPlace = async (from: string, names: readonly string[], dataDir: string): Promise<void> => {
  const restoring = join(dataDir, RESTORING);
  await mkdir(restoring, { mode: 0o700 });
  for (const name of names) await cp(join(from, name), join(restoring, name), { recursive: true });
  await syncTree(restoring);
  for (const name of names) await rename(join(restoring, name), join(dataDir, name));
  await rmdir(restoring);
  await syncTree(dataDir);
};

const needRoomFor = (there: readonly string[], isWhole: boolean, dataDir: string): void => {
  if (isWhole) {
    if (there.length > 0) throw new Error(`${dataDir} is not empty: restore into a new DATA_DIR, so that nothing is overwritten.`);
    return;
  }
  if (!there.includes('events')) throw new Error(`${dataDir} has no events: keys are restored beside the events that they belong to.`);
  if (there.includes('keys')) throw new Error(`${dataDir} has keys: move its folder keys away first, so that nothing is overwritten.`);
};

/**
 * `npm run restore -- DIR`: fills an empty DATA_DIR from a backup; from a backup of the key store alone, the keys beside events that lost theirs.
 * The next start builds the read models anew, and ends again the keys that had ended since.
 */
export const restore = async ({ DATA_DIR }: Pick<Config, 'DATA_DIR'>, from: string): Promise<void> => {
  const backup = await entriesOf(from);
  if (!backup.includes('keys')) throw new Error(`${from} is no backup: it needs the folders events and keys, or keys alone.`);
  const held = await holdFolder(DATA_DIR, 'The data', () => Promise.reject(new Error('A restore is under way.')));
  try {
    await refuseCutOffRestore(DATA_DIR);
    const there = (await entriesOf(DATA_DIR)).filter((name) => name !== SOCKET);
    needRoomFor(there, backup.includes('events'), DATA_DIR);
    const names = ['events', 'keys', SECRETS_FILE, NEXT_SECRETS_FILE].filter((name) => backup.includes(name));
    await putInPlace(from, names, DATA_DIR);
  } finally {
    await held.release();
  }
};
