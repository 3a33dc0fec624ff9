import { partOf } from '../domain/do-not-call/events.ts';
import type { LiveView } from './live-view.ts';

/** Which numbers nobody may call (7.5), by the keyed hashes that their entries have. */
export type DoNotCallView = LiveView & {
  readonly has: (entry: string) => boolean;
  /** The parts of the list that have entries. */
  readonly parts: () => Iterable<string>;
  readonly seed: (entry: string) => void;
};

/** Of a hash, as much as tells a million apart for sure: what is kept of each is to stay small. */
const LETTERS = 12;
const short = (entry: string): string => entry.slice(0, LETTERS);

export const doNotCallView = (): DoNotCallView => {
  const entries = new Set<string>();
  return {
    name: 'do-not-call',
    has: (entry) => entries.has(short(entry)),
    parts: () => new Set([...entries].map(partOf)),
    seed: (entry) => void entries.add(short(entry)),
    apply: ({ type, data }) => {
      if (type === 'DoNotCallEntryAdded') entries.add(short(data.entry));
      if (type === 'DoNotCallEntryRemoved') entries.delete(short(data.entry));
    },
  };
};
