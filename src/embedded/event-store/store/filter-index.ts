import type { Db } from './database.ts';
import { encodeBlock, endOfBlock, type Mark } from './filter-block.ts';

/** The part of the log that filter blocks cover, and what comes after it. */
export type FilterIndex = { end: number; marks: readonly Mark[] };

const blockSize = 1024;

/** Where the last block ends. */
export const coveredUntil = (db: Db): number => {
  for (const { value } of db.blocks.getRange({ reverse: true, limit: 1 })) return endOfBlock(value);
  return 0;
};

/** The index with more events: once there are enough, they make a block, to be written under its first position. */
export const extendIndex = (
  index: FilterIndex,
  added: readonly Mark[],
  end: number,
): { index: FilterIndex; block: { first: number; value: Buffer } | undefined } => {
  const marks = [...index.marks, ...added.map(({ position, type, stream }) => ({ position, type, stream }))];
  const [first] = marks;
  if (marks.length < blockSize || !first) return { index: { end: index.end, marks }, block: undefined };
  return { index: { end, marks: [] }, block: { first: first.position, value: encodeBlock(marks, end) } };
};
