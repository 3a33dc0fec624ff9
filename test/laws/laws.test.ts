import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutPersonal } from '../../src/projections/kit/personal.ts';
import type { Projection } from '../../src/projections/kit/projection.ts';
import { counts, numbers } from '../projections/kit/samples.ts';
import { foldBatches, tableOf } from './fold.ts';
import { anyHistory, retired } from './histories.ts';
import { misfits } from './stored.ts';

const numRuns = 200;

describe('the laws catch', () => {
  it('a projection that keeps personal data after its owner was erased', () => {
    const law = fc.property(
      anyHistory.chain((history) => retired(history, 'PersonalDataErased')),
      (history) => {
        const keeps = numbers(true);
        expect(tableOf(foldBatches(keeps, [history]))).toEqual(tableOf(foldBatches(keeps, [history.map(withoutPersonal)])));
      },
    );
    expect(fc.check(law, { numRuns }).failed).toBe(true);
  });

  it('a fold that changes the row it was given', () => {
    const careless: Projection = {
      ...counts,
      fold: (row, event, key) => {
        if (row !== undefined) Object.assign(row, { times: Number(row.times) + 1 });
        return counts.fold(undefined, event, key);
      },
    };
    expect(
      fc.check(
        fc.property(anyHistory, (history) => void foldBatches(careless, [history])),
        { numRuns },
      ).failed,
    ).toBe(true);
  });

  it('values that a column would give back otherwise', () => {
    const row = {
      key: 'k',
      queue: 'q',
      times: 1,
      first_at: '2026-03-01T10:00:00.000Z',
      revisions: '7',
      seen: ['a'],
      last: { a: 1 },
      day: '2026-03-01',
    };
    const { columns } = counts;
    const wide = { ...counts, columns: { ...columns } } as Projection;
    expect(misfits(wide, row)).toEqual([]);
    expect(misfits(wide, { ...row, first_at: '2026-03-01T10:00:00Z' })).toEqual(['first_at']);
    expect(misfits(wide, { ...row, times: 1.5, revisions: 7, last: { at: new Date(0) }, day: null })).toEqual([
      'times',
      'revisions',
      'last',
    ]);
    expect(misfits(wide, { ...row, extra: 1 })).toEqual(['extra']);
  });
});
