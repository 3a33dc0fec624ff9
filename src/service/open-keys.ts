import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { type Keyring, openKeyring } from '../keys/keyring.ts';
import { lmdbKeyStore } from '../keys/lmdb-key-store.ts';
import { postgresKeyStore } from '../keys/postgres-key-store.ts';
import { poolOf } from './postgres-pool.ts';
import { keptSecretsKey, nextSecretsKey, takeNextSecretsKey } from './secrets-key-file.ts';

/** Opens the keys of personal data, real or embedded. `ahead` and `now`: see `openKeyring`. */
export const openKeys = async (
  config: Config,
  log: Logger,
  { ahead, now }: { readonly ahead?: number | undefined; readonly now?: (() => number) | undefined } = {},
): Promise<Keyring> => {
  const { DATA_DIR, DATABASE_URL, KEYS_DATABASE_URL, SECRETS_KEY, SECRETS_KEY_NEXT } = config;
  const connectionString = KEYS_DATABASE_URL ?? DATABASE_URL;
  if (KEYS_DATABASE_URL === undefined && DATABASE_URL !== undefined) {
    log.warn('KEYS_DATABASE_URL is not set: keys of personal data lie beside the read models, and in the same backups');
  }
  const secretsKey = SECRETS_KEY ?? (await keptSecretsKey(DATA_DIR));
  const next = SECRETS_KEY === undefined ? await nextSecretsKey(DATA_DIR) : SECRETS_KEY_NEXT;
  const store =
    connectionString === undefined
      ? await lmdbKeyStore({ dir: join(DATA_DIR, 'keys') })
      : await postgresKeyStore({ pool: poolOf(connectionString) });
  try {
    const keyring = await openKeyring({ store, secretsKey, nextSecretsKey: next, now, ...(ahead === undefined ? {} : { ahead }) });
    if (SECRETS_KEY === undefined && next !== undefined && keyring.isSealedWith(next)) await takeNextSecretsKey(DATA_DIR);
    if (keyring.isChanging()) log.warn('a change of SECRETS_KEY was not ended: `npm run keys -- rotate` goes on with it');
    return keyring;
  } catch (error) {
    await store.close().catch(() => undefined);
    throw error;
  }
};
