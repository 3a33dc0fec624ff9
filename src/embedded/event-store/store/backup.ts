import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from './store.ts';

const syncFile = async (path: string): Promise<void> => {
  const file = await open(path);
  await file.sync();
  await file.close();
};

/** Copies the store as it is at this moment into a new or empty folder, in which it can be served, while reading and writing go on. */
export const backUp = async (store: Store, to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  if ((await readdir(to)).length > 0) throw new Error(`The folder ${to} is not empty: a copy needs one of its own.`);
  await store.db.env.backup(to, true);
  await syncFile(join(to, 'data.mdb'));
};

/** Closes the store in `dir` and leaves its file without free pages. A crash on the way leaves the old file or the new. */
export const compactAndClose = async (store: Store, dir: string): Promise<void> => {
  const copy = join(dir, 'compacting');
  await rm(copy, { recursive: true, force: true });
  await backUp(store, copy);
  await store.db.env.close();
  await rename(join(copy, 'data.mdb'), join(dir, 'data.mdb'));
  await rm(copy, { recursive: true });
};
