import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processProjection } from '../../src/processes/kit/process-projection.ts';
import { withoutPersonal } from '../../src/projections/kit/personal.ts';
import type { Projection } from '../../src/projections/kit/projection.ts';
import { allProcesses, allProjections } from './discover.ts';
import { foldBatches, inChunks, tableOf } from './fold.ts';
import { anyHistory, retired, retiringTypes } from './histories.ts';
import { misfits } from './stored.ts';

fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: 40 });

const folds: readonly Projection[] = [...allProjections, ...allProcesses.map(processProjection)];
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });
const table = (projection: Projection, ...batches: Parameters<typeof foldBatches>[1]) => tableOf(foldBatches(projection, batches));

it('projections and processes are found, and none shares a name with another', () => {
  expect(allProjections.length).toBeGreaterThan(0);
  expect(allProcesses.length).toBeGreaterThan(0);
  const names = folds.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name))).toEqual([]);
});

describe.each(folds.map((projection) => ({ name: projection.name, projection })))('$name', ({ projection }) => {
  it('gives rows that come back from their columns as they went in', () =>
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const [key, { row }] of foldBatches(projection, [history])) {
          if (row === undefined) continue;
          expect(row.key).toBe(key);
          expect(misfits(projection, row)).toEqual([]);
        }
      }),
    ));

  it('names each key of an event once', () =>
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const event of history) {
          const keys = projection.keysOf(event);
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
    ));

  it('gives the same rows in batches of any size', () =>
    fc.assert(
      fc.property(anyHistory, sizes, (history, chunk) => {
        expect(table(projection, ...inChunks(history, chunk))).toEqual(table(projection, history));
      }),
    ));

  it('gives the same rows when any part is delivered again', () =>
    fc.assert(
      fc.property(anyHistory, fc.nat(60), fc.nat(60), (history, a, b) => {
        const again = history.slice(Math.min(a, b), Math.max(a, b));
        expect(table(projection, history, again)).toEqual(table(projection, history));
      }),
    ));

  it('gives the same rows when each key is folded alone', () =>
    fc.assert(
      fc.property(anyHistory, (history) => {
        const keys = [...new Set(history.flatMap((event) => projection.keysOf(event)))];
        const alone = keys.map(
          (key): Projection => ({ ...projection, keysOf: (event) => projection.keysOf(event).filter((each) => each === key) }),
        );
        const rows = new Map(alone.flatMap((one) => [...foldBatches(one, [history])]));
        expect(tableOf(rows)).toEqual(table(projection, history));
      }),
    ));

  it('keeps personal data in the columns that it names for it, and nowhere else', () =>
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { personal, personalColumns = [] } = projection;
        const bare = (rows: ReturnType<typeof foldBatches>) =>
          [...rows].map(([key, { row }]) => [
            key,
            row && { ...row, ...Object.fromEntries(personalColumns.map((column) => [column, null])) },
          ]);
        const seen = personal ? history : history.map(withoutPersonal);
        expect(bare(foldBatches(projection, [seen]))).toEqual(bare(foldBatches(projection, [history.map(withoutPersonal)])));
      }),
    ));

  it.each(retiringTypes)('holds after %s what it would without the personal fields', (type) =>
    fc.assert(
      fc.property(
        anyHistory.chain((history) => retired(history, type)),
        (history) => {
          expect(table(projection, history)).toEqual(table(projection, history.map(withoutPersonal)));
        },
      ),
    ),
  );
});
