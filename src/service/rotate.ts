import type { Config } from '../config.ts';
import type { Tell } from '../embedded/control-socket.ts';
import type { Keyring } from '../keys/keyring.ts';
import { keepNextSecretsKey, takeNextSecretsKey } from './secrets-key-file.ts';

/** What a change of SECRETS_KEY came to: how many keys were sealed anew, and whether the one before is forgotten. */
export type Rotated = { readonly keys: number; readonly ended: boolean };

/**
 * Changes SECRETS_KEY, or goes on with a change that was interrupted. Where DATA_DIR keeps it, a new one is made and kept there before the key
 * store is sealed with it, so that no kill loses it; elsewhere `given` is the new one, and without it a change that was begun is ended.
 */
export const rotateKeys = async (
  keyring: Pick<Keyring, 'rotate' | 'isChanging' | 'isSealedWith' | 'shared'>,
  { DATA_DIR, SECRETS_KEY }: Pick<Config, 'DATA_DIR' | 'SECRETS_KEY'>,
  given: string | undefined,
  { tell, stopping }: { readonly tell: Tell; readonly stopping: AbortSignal },
): Promise<Rotated> => {
  const isKept = SECRETS_KEY === undefined;
  const goesOn = keyring.isChanging() && (given === undefined || keyring.isSealedWith(given));
  if (!goesOn && !isKept && given === undefined) {
    throw new Error('SECRETS_KEY_NEXT: give the new key, 32 bytes in base64, for SECRETS_KEY is not kept in DATA_DIR.');
  }
  const made = isKept && !goesOn ? await keepNextSecretsKey(DATA_DIR, given) : given;
  const keys = await keyring
    .rotate({
      next: goesOn && isKept ? undefined : made,
      told: (resealed) => void tell({ keys: resealed }),
      signal: stopping,
      ...(isKept ? { changed: () => takeNextSecretsKey(DATA_DIR) } : {}),
    })
    .catch((error: unknown) => {
      if (!stopping.aborted) throw error;
      throw new Error('The service is stopping: `npm run keys -- rotate` goes on with the change.');
    });
  return { keys, ended: !keyring.isChanging() };
};
