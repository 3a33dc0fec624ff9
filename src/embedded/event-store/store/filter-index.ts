import type { Db } from './database.ts';
import { encodeBlock, endOfBlock, type Mark } from './filter-block.ts';

/** The part of the log that filter blocks cover, and what comes after it. */
export type FilterIndex = { end: number; marks: readonly Mark[] };

const mostEvents = 1024;
/** Bytes of the log, so that a start has little to look through, be the events large. */
const mostBytes = 16 * 2 ** 20;
/** What a block can tell apart. */
const mostInBlock = 65_535;

/** Where the last block ends. */
export const coveredUntil = (db: Db): number => {
  for (const { value } of db.blocks.getRange({ reverse: true, limit: 1 })) return endOfBlock(value);
  return 0;
};

/** A block to be written under its first position. */
export type NewBlock = { readonly first: number; readonly value: Buffer };

const blocksOf = (marks: readonly Mark[], end: number): NewBlock[] => {
  const blocks: NewBlock[] = [];
  for (let at = 0; at < marks.length; at += mostInBlock) {
    const some = marks.slice(at, at + mostInBlock);
    const first = some[0]?.position ?? end;
    blocks.push({ first, value: encodeBlock(some, marks[at + mostInBlock]?.position ?? end) });
  }
  return blocks;
};

/** The index with more events: once there are enough, they make a block; what a group of very many events adds makes several. */
export const extendIndex = (
  index: FilterIndex,
  added: readonly Mark[],
  end: number,
): { index: FilterIndex; blocks: readonly NewBlock[] } => {
  const marks = [...index.marks, ...added.map(({ position, type, stream }) => ({ position, type, stream }))];
  const enough = marks.length >= mostEvents || (marks.length > 0 && end - index.end >= mostBytes);
  return enough ? { index: { end, marks: [] }, blocks: blocksOf(marks, end) } : { index: { end: index.end, marks }, blocks: [] };
};
