import type { ImportEvent } from './import-events.ts';
import { asImported, type ConfigurationChange } from './imports.ts';

/** Bounds in bytes of JSON: what may go in one append of ordinary events, each counted with what stands beside its data, and in one part. */
const ONE_APPEND = 640 * 1024;
const BESIDE = 2 * 1024;
const ONE_PART = 512 * 1024;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** A retired queue that takes bookings again is owed no deletion any more: what reads that reads no parts. */
const standsAlone = ({ type }: ConfigurationChange): boolean => type === 'QueueReinstated';

/**
 * The appends that record changes: one of ordinary events, or where they are too large for it an import's beginning, its parts, and its
 * commit. Only the last makes any of them hold.
 */
export const appendsOf = (
  changes: readonly ConfigurationChange[],
  importId: string,
  at: string,
): readonly (readonly (ConfigurationChange | ImportEvent)[])[] => {
  const sizes = changes.map((change) => bytesOf(change));
  if (sizes.reduce((sum, size) => sum + size + BESIDE, 0) <= ONE_APPEND) return [changes];
  const parts: ConfigurationChange[][] = [];
  let room = 0;
  for (const [index, change] of changes.entries()) {
    if (standsAlone(change)) continue;
    const size = sizes[index] ?? 0;
    if (size > room) {
      parts.push([]);
      room = ONE_PART;
    }
    parts.at(-1)?.push(change);
    room -= size;
  }
  return [
    [{ type: 'ImportBegun', data: { importId, changes: changes.length, at } }],
    ...parts.map((part): readonly ImportEvent[] => [{ type: 'ImportPartAdded', data: { importId, changes: part.map(asImported), at } }]),
    [{ type: 'ImportCommitted', data: { importId, at } }, ...changes.filter(standsAlone)],
  ];
};
