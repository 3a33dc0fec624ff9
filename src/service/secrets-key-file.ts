import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

export const SECRETS_FILE = 'secrets.key';
/** The next SECRETS_KEY lies here from before the key store is sealed with it until it takes the place of the other. */
export const NEXT_SECRETS_FILE = 'secrets.key.next';

const readKey = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    },
  );

const syncFolder = async (dir: string): Promise<void> => {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

const moveInto = async (dir: string, from: string, to: string): Promise<void> => {
  await rename(join(dir, from), join(dir, to));
  await syncFolder(dir);
};

/** Writes a key durably, readable by its owner only. */
const keep = async (dir: string, name: string, key: string): Promise<string> => {
  const file = await open(join(dir, `${name}.new`), 'w', 0o600);
  try {
    await file.chmod(0o600); // one that was left there keeps its own mode
    await file.writeFile(`${key}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await moveInto(dir, `${name}.new`, name);
  return key;
};

const fresh = (): string => randomBytes(32).toString('base64');

/** SECRETS_KEY of an embedded service: read from DATA_DIR, or made there at the first start. */
export const keptSecretsKey = async (dir: string): Promise<string> =>
  (await readKey(join(dir, SECRETS_FILE))) ?? keep(dir, SECRETS_FILE, fresh());

/** The next SECRETS_KEY, where a change of it was begun. */
export const nextSecretsKey = (dir: string): Promise<string | undefined> => readKey(join(dir, NEXT_SECRETS_FILE));

/** Keeps `given`, or a random one, as the next SECRETS_KEY; without a given one, that of a change which came no further is used. */
export const keepNextSecretsKey = async (dir: string, given: string | undefined): Promise<string> =>
  given === undefined ? ((await nextSecretsKey(dir)) ?? keep(dir, NEXT_SECRETS_FILE, fresh())) : keep(dir, NEXT_SECRETS_FILE, given);

/** The next SECRETS_KEY takes the place of the other, for good. */
export const takeNextSecretsKey = async (dir: string): Promise<void> => {
  if ((await nextSecretsKey(dir)) !== undefined) await moveInto(dir, NEXT_SECRETS_FILE, SECRETS_FILE);
};
