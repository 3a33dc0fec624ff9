import type { Keyring } from '../keys/keyring.ts';
import type { LiveView } from './live-view.ts';

/** Keys are lost to this node as soon as the log says so, whichever node deletes them. */
export const lostKeysView = (keyring: Pick<Keyring, 'evict'>): LiveView => ({
  name: 'lost-keys',
  apply: ({ type, data }) => {
    if (type === 'CallbackRetired' || type === 'PersonalDataErased' || type === 'DoNotCallEntryRemoved') keyring.evict(data.keyId);
  },
});
