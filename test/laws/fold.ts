import { withoutPersonal } from '../../src/projections/kit/personal.ts';
import { applyBatch, type Event, type Kept, type Projection, type RowData, workOf } from '../../src/projections/kit/projection.ts';

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
};

/** Folds batches one after another as the engine does; a fold that changes what it was given, or throws, fails. */
export const foldBatches = (projection: Projection, batches: readonly (readonly Event[])[]): Map<string, Kept> => {
  const rows = new Map<string, Kept>();
  const frozen: Projection = { ...projection, fold: (row, event, key) => freeze(projection.fold(row, event, key)) };
  for (const batch of batches) {
    const seen = projection.personal ? batch : batch.map(withoutPersonal);
    const { changed, failures } = applyBatch(frozen, rows, workOf(projection, seen.map(freeze)));
    const [failure] = failures;
    if (failure !== undefined) throw failure.error;
    for (const [key, { row, position }] of changed) rows.set(key, { row, position });
  }
  return rows;
};

/** What a table would hold: rows that are there, by key, with their positions. */
export const tableOf = (rows: ReadonlyMap<string, Kept>): { row: RowData | undefined; position: bigint }[] =>
  [...rows.values()].filter(({ row }) => row !== undefined).sort((a, b) => ((a.row?.key ?? '') < (b.row?.key ?? '') ? -1 : 1));

export const inChunks = (history: readonly Event[], sizes: readonly number[]): Event[][] => {
  const chunks: Event[][] = [];
  for (let at = 0, i = 0; at < history.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(history.slice(at, at + size));
    at += size;
  }
  return chunks;
};
