import { accept, type Decider } from '../kit/decider.ts';
import type { DoNotCallEvent } from './events.ts';

/** A number to be listed: `keyId` is of the key that seals it if it isn't listed yet. */
export type Wanted = { readonly entry: string; readonly keyId: string; readonly phoneNumber: string };
/** What can be asked of one part of the list. `ReplaceEntries`: these are all of them. */
export type DoNotCallCommand =
  | { readonly type: 'AddEntries' | 'ReplaceEntries'; readonly wanted: readonly Wanted[]; readonly now: string }
  | { readonly type: 'RemoveEntry'; readonly entry: string; readonly now: string };

/** The entries of one part, with the ids of their keys. */
export type Entries = ReadonlyMap<string, string>;

const added = ({ entry, keyId, phoneNumber }: Wanted, now: string): DoNotCallEvent => ({
  type: 'DoNotCallEntryAdded',
  data: { entry, keyId, phoneNumber, at: now },
});
const removed = (entry: string, keyId: string, now: string): DoNotCallEvent => ({
  type: 'DoNotCallEntryRemoved',
  data: { entry, keyId, at: now },
});

/** Folds one event into the entries, in place. */
export const accumulate = (entries: Map<string, string>, { type, data }: DoNotCallEvent): void => {
  if (type === 'DoNotCallEntryAdded') entries.set(data.entry, data.keyId);
  else entries.delete(data.entry);
};

/** Part of the do-not-call list (7.5): what is listed already, or isn't, decides to nothing. */
export const doNotCall: Decider<Entries, DoNotCallCommand, DoNotCallEvent, never> = {
  initial: new Map(),
  evolve: (state, event) => {
    const entries = new Map(state);
    accumulate(entries, event);
    return entries;
  },
  decide: (command, state) => {
    if (command.type === 'RemoveEntry') {
      const keyId = state.get(command.entry);
      return keyId === undefined ? accept() : accept(removed(command.entry, keyId, command.now));
    }
    const { type, wanted, now } = command;
    const listed = new Map(wanted.map((one) => [one.entry, one]));
    const gone = type === 'ReplaceEntries' ? [...state].filter(([entry]) => !listed.has(entry)) : [];
    const fresh = [...listed.values()].filter(({ entry }) => !state.has(entry));
    return accept(...gone.map(([entry, keyId]) => removed(entry, keyId, now)), ...fresh.map((one) => added(one, now)));
  },
};
