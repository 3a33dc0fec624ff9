import { statfsSync } from 'node:fs';

const MIB = 2 ** 20;
/** What one transaction may write beside its data: copies of the pages that it touches, and what other writers take meanwhile. */
const RESERVE = 16 * MIB;

/**
 * Throws ENOSPC unless the disk of `dir` has room for `bytes` more and a reserve. LMDB mustn't find a disk full by itself: the text of
 * its error overruns the 100 bytes that lmdb 3.5.6 keeps for it, and then the process may end.
 */
export const needRoom = (dir: string, bytes: number): void => {
  const { bavail, bsize } = statfsSync(dir);
  if (bavail * bsize >= bytes + RESERVE) return;
  throw Object.assign(new Error('no space left on the disk'), { code: 'ENOSPC' });
};
