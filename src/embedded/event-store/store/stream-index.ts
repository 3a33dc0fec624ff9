import type { Db } from './database.ts';

/** A revision and where in the log it lies. */
export type Placed = { readonly revision: number; readonly position: number };

const rowAtOrBelow = (db: Db, id: number, revision: number): { first: number; positions: Buffer } | undefined => {
  for (const { key, value } of db.index.getRange({ start: [id, revision], end: [id, -1], reverse: true, limit: 1 }))
    return { first: key[1] ?? 0, positions: value };
  return undefined;
};

/** Revisions `from` to `to` of a stream, both included, in ascending order. Revisions that were scavenged are left out. */
export function* positionsBetween(db: Db, id: number, from: number, to: number): Generator<Placed> {
  const row = rowAtOrBelow(db, id, from);
  let next = from;
  if (row) {
    const count = row.positions.length / 8;
    for (let i = from - row.first; i < count && row.first + i <= to; i++) {
      const position = row.positions.readDoubleLE(i * 8);
      if (position > 0) yield { revision: row.first + i, position };
    }
    next = Math.max(from, row.first + count);
  }
  if (next > to) return;
  for (const { key, value } of db.index.getRange({ start: [id, next], end: [id, to + 1] })) {
    const first = key[1] ?? 0;
    for (let i = 0; i * 8 < value.length && first + i <= to; i++) {
      const position = value.readDoubleLE(i * 8);
      if (position > 0) yield { revision: first + i, position };
    }
  }
}

/** Revisions `from` down to `to` of a stream, both included. */
export function* positionsDown(db: Db, id: number, from: number, to: number): Generator<Placed> {
  for (const { key, value } of db.index.getRange({ start: [id, from], end: [id, -1], reverse: true })) {
    const first = key[1] ?? 0;
    for (let i = Math.min(value.length / 8 - 1, from - first); i >= 0; i--) {
      if (first + i < to) return;
      const position = value.readDoubleLE(i * 8);
      if (position > 0) yield { revision: first + i, position };
    }
    if (first <= to) return;
  }
}
