import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keyring } from '../keys/keyring.ts';
import { entriesOf, fillFolder } from './files.ts';
import { NEXT_SECRETS_FILE, SECRETS_FILE } from './secrets-key-file.ts';
import type { Stores } from './stores.ts';

/** Copies the embedded key store as it is, without what was deleted, and the SECRETS_KEY that DATA_DIR keeps, if it does. */
const copyKeys = async (keyring: Pick<Keyring, 'backUp'>, dataDir: string, into: string): Promise<void> => {
  if (keyring.backUp === undefined) throw new Error('backup: the key store is a real Postgres, which its own tools back up.');
  await keyring.backUp(join(into, 'keys'));
  const kept = await entriesOf(dataDir);
  for (const name of [SECRETS_FILE, NEXT_SECRETS_FILE]) if (kept.includes(name)) await cp(join(dataDir, name), join(into, name));
};

const needEmpty = async (to: string): Promise<void> => {
  if ((await entriesOf(to)).length > 0) throw new Error(`The folder ${to} is not empty: a backup needs one of its own.`);
};

/**
 * `npm run backup -- DIR`: what of the embedded stores can't be made again. Events are copied first, then keys: every event of the copy then
 * finds its key, but for those erased meanwhile. Read models aren't copied, they are rebuilt.
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
  await needEmpty(to);
  await fillFolder(to, async (partial) => {
    await backUpEvents(join(partial, 'events'));
    await copyKeys(keyring, dataDir, partial);
  });
};

/** The key store alone, into a new folder. */
export const backUpKeys = async (keyring: Pick<Keyring, 'backUp'>, dataDir: string, to: string): Promise<void> => {
  await needEmpty(to);
  await fillFolder(to, (partial) => copyKeys(keyring, dataDir, partial));
};
