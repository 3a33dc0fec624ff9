import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { isHeld } from '../embedded/control-socket.ts';
import { SECRETS_FILE } from './secrets-key-file.ts';
import type { Stores } from './stores.ts';

/** `npm run backup -- DIR`: what of the embedded stores can't be made again. */
export type BackupCommand = { readonly command: 'backup'; readonly to: string };

const entriesOf = (dir: string): Promise<string[]> =>
  readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return [];
  });

/**
 * Copies events first, then keys: every event of the copy then finds its key, but for those erased meanwhile. Read models aren't copied,
 * they are rebuilt. The copy becomes visible when it is whole. It holds the SECRETS_KEY that DATA_DIR keeps, so guard it like the data.
 */
export const backUp = async (
  { backUpEvents, keyring }: Pick<Stores, 'backUpEvents' | 'keyring'>,
  dataDir: string,
  to: string,
): Promise<void> => {
  if (backUpEvents === undefined || keyring.backUp === undefined) {
    throw new Error(
      'backup copies embedded stores; a real EventStoreDB and Postgres are backed up by their own tools, events before keys.',
    );
  }
  if ((await entriesOf(to)).length > 0) throw new Error(`The folder ${to} is not empty: a backup needs one of its own.`);
  const partial = `${to}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await backUpEvents(join(partial, 'events'));
  await keyring.backUp(join(partial, 'keys'));
  if ((await entriesOf(dataDir)).includes(SECRETS_FILE)) await cp(join(dataDir, SECRETS_FILE), join(partial, SECRETS_FILE));
  await rm(to, { recursive: true, force: true });
  await rename(partial, to);
};

/** `npm run restore -- DIR`: fills an empty DATA_DIR from a backup. The next start builds the read models anew and ends again what had ended. */
export const restore = async ({ DATA_DIR }: Config, from: string): Promise<void> => {
  const backup = await entriesOf(from);
  if (!backup.includes('events') || !backup.includes('keys'))
    throw new Error(`${from} is no backup: it needs the folders events and keys.`);
  if ((await entriesOf(DATA_DIR)).length > 0) {
    const used = (await isHeld(DATA_DIR)) ? 'a service runs on it' : 'it holds data';
    throw new Error(`${DATA_DIR} is not empty (${used}): restore into a new DATA_DIR, so that nothing is overwritten.`);
  }
  const partial = `${DATA_DIR}.partial`;
  await rm(partial, { recursive: true, force: true });
  await cp(from, partial, { recursive: true });
  await rm(DATA_DIR, { recursive: true, force: true });
  await rename(partial, DATA_DIR);
};
