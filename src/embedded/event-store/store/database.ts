import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { keepSpareTail, lengthOfFile, type SpareTail } from './spare-tail.ts';

/**
 * The LMDB environment of one event store. Writes are on disk before they are visible or confirmed (no overlapping sync).
 * - log: position → the event's finished ReadResp; no row where there is no event (any more)
 * - streams: stream key → see streamRow
 * - index: [stream number, first revision] → positions (float64 each, 0 once scavenged) of that and the following revisions
 * - blocks: first position of a block of the filter index → see filter-block.ts
 * - facts: name → number (float64)
 */
export type Db = {
  readonly dir: string;
  readonly env: RootDatabase<Buffer, string>;
  readonly log: Database<Buffer, number>;
  readonly streams: Database<Buffer, string>;
  readonly index: Database<Buffer, number[]>;
  readonly blocks: Database<Buffer, number>;
  readonly facts: Database<Buffer, string>;
  readonly spareTail: SpareTail;
};

/** Opens or creates the files in `dir`. Throws a sentence for a person if the file ends before what it holds, where LMDB would end the process. */
export const openDatabase = (dir: string): Db => {
  mkdirSync(dir, { recursive: true });
  const env = open<Buffer, string>({
    path: dir,
    noSubdir: false, // a folder name may hold a dot
    encoding: 'binary',
    overlappingSync: false,
    eventTurnBatching: false, // groups are batches of their own; the implicit ones reject unheard when the disk is full
    maxDbs: 8,
    // address space, not disk: the file grows with what is written
    ...(process.platform === 'win32' ? {} : { mapSize: 2 ** 40 }),
  });
  const { used, size } = lengthOfFile({ dir, env });
  if (size < used) {
    void env.close();
    throw new Error(
      `The event store's file ${join(dir, 'data.mdb')} is cut short: of ${used} bytes only ${size} are there. Restore a backup.`,
    );
  }
  const db: Db = {
    dir,
    env,
    log: env.openDB<Buffer, number>('log', { encoding: 'binary' }),
    streams: env.openDB<Buffer, string>('streams', { encoding: 'binary' }),
    index: env.openDB<Buffer, number[]>('index', { encoding: 'binary' }),
    blocks: env.openDB<Buffer, number>('blocks', { encoding: 'binary' }),
    facts: env.openDB<Buffer, string>('facts', { encoding: 'binary' }),
    spareTail: { left: 0 },
  };
  keepSpareTail(db, 0);
  return db;
};

const longestName = 500;

/** The key of a stream's row: its name, shortened by a hash where LMDB would refuse the length. */
export const streamKey = (name: string): string =>
  name.length <= longestName ? `=${name}` : `#${name.slice(0, longestName)}${createHash('sha256').update(name).digest('hex')}`;

/** A stream's row: its number, the position of its tombstone or 0, and its name where the key has it shortened. */
export const streamRow = (name: string, id: number, tombstone: number): Buffer =>
  Buffer.concat([numbers([id, tombstone]), Buffer.from(name.length <= longestName ? '' : name)]);

/** The stream that a row is of. */
export const streamOfRow = (key: string, row: Buffer): string => (key.startsWith('=') ? key.slice(1) : row.toString('utf8', 16));

/** Float64 values one after the other, as all numbers are stored. */
export const numbers = (values: readonly number[]): Buffer => {
  const out = Buffer.allocUnsafe(values.length * 8);
  for (let i = 0; i < values.length; i++) out.writeDoubleLE(values[i] ?? 0, i * 8);
  return out;
};
