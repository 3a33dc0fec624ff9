import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';

/** How many bytes may still be written before the unused end of the file may be too short. */
export type SpareTail = { left: number };

type StoreFile = { readonly dir: string; readonly env: RootDatabase<Buffer, string> };

const most = 4 * 2 ** 20;
const least = 256 * 1024;

/** The bytes of the store's file that hold pages, and how long it is. */
export const lengthOfFile = ({ dir, env }: StoreFile): { readonly used: number; readonly size: number } => {
  const { pageSize, lastPageNumber } = env.getStats() as { pageSize: number; lastPageNumber: number }; // lmdb types them as {}
  return { used: (lastPageNumber + 1) * pageSize, size: statSync(join(dir, 'data.mdb')).size };
};

/**
 * Lets the file end in space that holds nothing, so that losing its last bytes loses no event: LMDB fills its file to the end, and the last page
 * may be an old one. `written` is at most what was written since; the space is a hole, which takes no room on the disk.
 */
export const keepSpareTail = (db: StoreFile & { readonly spareTail: SpareTail }, written: number): void => {
  const tail = db.spareTail;
  tail.left -= written;
  if (tail.left >= least) return;
  const { used, size } = lengthOfFile(db);
  tail.left = size - used;
  if (tail.left >= most) return;
  try {
    truncateSync(join(db.dir, 'data.mdb'), used + most);
    tail.left = most;
  } catch {
    // a file that may not grow is full, which the next append says
  }
};
