import { partOf } from '../domain/do-not-call/events.ts';
import type { LiveView } from './live-view.ts';

/** Which numbers nobody may call (7.5), by the keyed hashes that their entries have. */
export type DoNotCallView = LiveView & {
  readonly has: (entry: string) => boolean;
  /** How many entries there are. */
  readonly size: () => number;
  /** The parts of the list that have entries. */
  readonly parts: () => Iterable<string>;
  readonly seed: (entry: string) => void;
};

/** Of a hash, as much as tells a million apart for sure: what is kept of each is to stay small. */
const LETTERS = 12;
const short = (entry: string): string => entry.slice(0, LETTERS);

/** Kept part by part: no set grows so large that making it larger takes long. */
export const doNotCallView = (): DoNotCallView => {
  const parts = new Map<string, Set<string>>();
  let size = 0;
  const add = (entry: string): void => {
    const part = partOf(entry);
    const listed = parts.get(part) ?? new Set<string>();
    if (listed.size === 0) parts.set(part, listed);
    const before = listed.size;
    size += listed.add(short(entry)).size - before;
  };
  const remove = (entry: string): void => {
    const part = partOf(entry);
    const listed = parts.get(part);
    if (listed?.delete(short(entry))) size--;
    if (listed?.size === 0) parts.delete(part);
  };
  return {
    name: 'do-not-call',
    has: (entry) => parts.get(partOf(entry))?.has(short(entry)) ?? false,
    size: () => size,
    parts: () => [...parts.keys()],
    seed: add,
    apply: ({ type, data }) => {
      if (type === 'DoNotCallEntryAdded') add(data.entry);
      if (type === 'DoNotCallEntryRemoved') remove(data.entry);
    },
  };
};
