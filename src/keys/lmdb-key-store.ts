import { mkdir, realpath } from 'node:fs/promises';
import { open } from 'lmdb';
import { needRoom } from '../embedded/disk-room.ts';
import type { KeyRecord, KeyStore } from './key-store.ts';

type Row = readonly [sealedKey: Uint8Array, deleteAfter: string | null];

const openDatabases = (path: string) => {
  const root = open({ path, noSubdir: false, maxDbs: 3 });
  const keys = root.openDB<Row, string>({ name: 'keys' });
  const dates = root.openDB<null, [deleteAfter: string, keyId: string]>({ name: 'dates' });
  const secrets = root.openDB<Uint8Array, string>({ name: 'secrets', encoding: 'binary' });
  return { root, keys, dates, secrets };
};

// LMDB opened twice in one process can come to a standstill: one waits for the other's lock, which waits for this very thread.
const openDirs = new Set<string>();

/**
 * The key store in a directory of its own, for one process at a time, in which it may be open once: a second time is an error.
 * Every write is flushed to disk before it settles.
 */
export const lmdbKeyStore = async ({ dir }: { dir: string }): Promise<KeyStore> => {
  await mkdir(dir, { recursive: true });
  const path = await realpath(dir);
  if (openDirs.has(path)) throw new Error(`the key store in ${path} is open already`);
  const { root, keys, dates, secrets } = openDatabases(path);
  openDirs.add(path);

  const write = async <T>(work: () => T): Promise<T> => {
    needRoom(path, 0);
    const result = await root.transaction(work);
    await root.flushed;
    return result;
  };
  /** Reads what is committed now: LMDB's view stays where it was until the end of the event loop's turn. */
  const read = <T>(work: () => T): T => {
    root.resetReadTxn();
    return work();
  };
  const recordOf = (keyId: string, [sealedKey, deleteAfter]: Row): KeyRecord => ({ keyId, sealedKey, deleteAfter });
  const put = ({ keyId, sealedKey, deleteAfter }: KeyRecord) => {
    keys.put(keyId, [sealedKey, deleteAfter]);
    if (deleteAfter !== null) dates.put([deleteAfter, keyId], null);
  };
  const remove = (keyId: string): Row | undefined => {
    const row = keys.get(keyId);
    if (row === undefined) return undefined;
    keys.remove(keyId);
    if (row[1] !== null) dates.remove([row[1], keyId]);
    return row;
  };

  return {
    shared: false,
    putKeys: async (records) => {
      const added = await write(() => {
        if (records.some(({ keyId }) => keys.doesExist(keyId))) return false;
        records.forEach(put);
        return true;
      });
      if (!added) throw new Error('a key of that id is there already');
    },
    getKeys: async (keyIds) =>
      read(() =>
        [...new Set(keyIds)].flatMap((keyId) => {
          const row = keys.get(keyId);
          return row === undefined ? [] : [recordOf(keyId, row)];
        }),
      ),
    listKeys: async (after, limit) =>
      read(() => {
        const range = keys.getRange({ ...(after === undefined ? {} : { start: after, exclusiveStart: true }), limit });
        return [...range].map(({ key, value }) => recordOf(key, value));
      }),
    resealKeys: (changes) =>
      write(() => {
        for (const { keyId, before, after } of changes) {
          const row = keys.get(keyId);
          if (row !== undefined && Buffer.compare(row[0], before) === 0) keys.put(keyId, [after, row[1]]);
        }
      }),
    setDeleteAfter: (moved) =>
      write(() => {
        for (const [keyId, deleteAfter] of moved) {
          const row = remove(keyId);
          if (row !== undefined) put({ keyId, sealedKey: row[0], deleteAfter });
        }
      }),
    deleteKeys: (keyIds) => write(() => void keyIds.forEach(remove)),
    deleteExpired: (now, limit) =>
      write(() => {
        const due = [...dates.getKeys({ end: [now, '\uffff'], limit })].map(([, keyId]) => keyId);
        due.forEach(remove);
        return due;
      }),
    getSecret: async (name) => read(() => secrets.get(name)),
    addSecret: (name, sealed) =>
      write(() => {
        const there = secrets.get(name);
        if (there === undefined) secrets.put(name, sealed);
        return there ?? sealed;
      }),
    putSecrets: (named, when) =>
      write(() => {
        if (when !== undefined && Buffer.compare(secrets.get(when.name) ?? Buffer.of(), when.is) !== 0) return false;
        for (const [name, sealed] of Object.entries(named)) {
          if (sealed === undefined) secrets.remove(name);
          else secrets.put(name, sealed);
        }
        return true;
      }),
    backUp: async (to) => {
      await mkdir(to, { recursive: true });
      await root.backup(to, true); // compacted: pages that deleted rows lie on aren't copied
    },
    close: async () => {
      await root.close();
      openDirs.delete(path);
    },
  };
};
