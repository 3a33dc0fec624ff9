import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { initialise } from './engine-thread.ts';

/** `empty`: nothing there yet; `database`: looks like one; `other`: files that are none. */
export type DirState = 'empty' | 'database' | 'other';

export const stateOf = async (dir: string): Promise<DirState> => {
  if (!existsSync(dir)) return 'empty';
  const names = await readdir(dir);
  if (names.length === 0) return 'empty';
  return names.includes('PG_VERSION') ? 'database' : 'other';
};

/** Makes an empty database in `dir`, whole or not at all: it is made beside it and moved there. */
export const createDatabase = async (dir: string): Promise<void> => {
  const unfinished = `${dir}.new`;
  await mkdir(dirname(dir), { recursive: true });
  await rm(unfinished, { recursive: true, force: true });
  await initialise(unfinished);
  await rm(dir, { recursive: true, force: true }); // empty; not every system renames onto a directory
  await rename(unfinished, dir);
};

/** Moves `dir` out of the way, beside itself, and says where it is now. */
export const moveAside = async (dir: string): Promise<string> => {
  let n = 1;
  while (existsSync(`${dir}.set-aside-${n}`)) n++;
  const aside = `${dir}.set-aside-${n}`;
  await rename(dir, aside);
  return aside;
};
