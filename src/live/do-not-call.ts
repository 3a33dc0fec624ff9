import { partOf } from '../domain/do-not-call/events.ts';
import type { LiveView } from './live-view.ts';

/** Which numbers nobody may call (7.5), by the keyed hashes that their entries have. */
export type DoNotCallView = LiveView & {
  readonly has: (entry: string) => boolean;
  /** How many entries there are. */
  readonly size: () => number;
  /** The same for the same entries, on every node. */
  readonly etag: () => string;
  /** The parts of the list that have entries. */
  readonly parts: () => Iterable<string>;
  readonly seed: (entry: string) => void;
};

/** Of a hash, as much as tells a million apart for sure: what is kept of each is to stay small. */
const LETTERS = 12;
const short = (entry: string): string => entry.slice(0, LETTERS);

/** All entries of a set told by 64 bits, which change by one entry alone as it comes or goes. */
const fingerprint = () => {
  let [high, low] = [0, 0];
  return {
    flip: (entry: string): void => {
      const bytes = Buffer.from(short(entry), 'base64url');
      [high, low] = [high ^ bytes.readUInt32BE(0), low ^ bytes.readUInt32BE(4)];
    },
    text: (): string => [high, low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join(''),
  };
};

/** Kept part by part: no set grows so large that making it larger takes long. */
export const doNotCallView = (): DoNotCallView => {
  const parts = new Map<string, Set<string>>();
  const contents = fingerprint();
  let size = 0;
  const add = (entry: string): void => {
    const part = partOf(entry);
    const listed = parts.get(part) ?? new Set<string>();
    if (listed.size === 0) parts.set(part, listed);
    if (listed.has(short(entry))) return;
    listed.add(short(entry));
    contents.flip(entry);
    size++;
  };
  const remove = (entry: string): void => {
    const part = partOf(entry);
    const listed = parts.get(part);
    if (!listed?.delete(short(entry))) return;
    contents.flip(entry);
    size--;
    if (listed.size === 0) parts.delete(part);
  };
  return {
    name: 'do-not-call',
    has: (entry) => parts.get(partOf(entry))?.has(short(entry)) ?? false,
    size: () => size,
    etag: () => `${size}-${contents.text()}`,
    parts: () => [...parts.keys()],
    seed: add,
    apply: ({ type, data }) => {
      if (type === 'DoNotCallEntryAdded') add(data.entry);
      if (type === 'DoNotCallEntryRemoved') remove(data.entry);
    },
  };
};
