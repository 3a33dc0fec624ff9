import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { arrivalInstants, readArrivals } from '../../src/demo/arrivals.ts';
import { demoOptions } from '../../src/demo/options.ts';

const header = 'date,interval,minute_of_day,calls';
const fileOf = (...lines: string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'arrivals-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'arrivals.csv');
  writeFileSync(file, lines.join('\n'));
  return file;
};

it('reads one day out of many, in the order of the intervals', async () => {
  const file = fileOf(`\uFEFF${header}`, '1999-03-01,2,6,3', '1999-03-01,1,0,4', '1999-03-02,1,0,9', '', '1999-03-01,240,1434,0');
  expect(await readArrivals(file, '1999-03-01')).toEqual([
    { interval: 1, calls: 4 },
    { interval: 2, calls: 3 },
    { interval: 240, calls: 0 },
  ]);
});

it('ships a day of its own, which is the default', async () => {
  const { file, day, seed } = demoOptions([]);
  const intervals = await readArrivals(file, day);
  expect(intervals).toHaveLength(240);
  expect(arrivalInstants(intervals, day, seed).length).toBeGreaterThan(200);
});

it.each([
  ['1999-03-01,2,6', 3, 'a row is'],
  ['1999-03-01,2,6,1,1', 3, 'a row is'],
  ['1999-02-30,2,6,1', 3, 'date must be a date'],
  ['1 March,2,6,1', 3, 'date must be a date'],
  ['1999-03-01,0,0,1', 3, 'interval must be 1 to 240'],
  ['1999-03-01,241,1440,1', 3, 'interval must be 1 to 240'],
  ['1999-03-01,2,7,1', 3, 'interval 2 begins at minute 6, not 7'],
  ['1999-03-01,2,6,-1', 3, 'calls must be a whole number'],
  ['1999-03-01,2,6,1.5', 3, 'calls must be a whole number'],
  ['1999-03-01,2,6,999999', 3, 'calls must be at most'],
  ['1999-03-01,1,0,1', 3, 'interval 1 of 1999-03-01 is there twice'],
  ['1999-03-01,2,6,"1', 4, 'Quote Not Closed'],
])('refuses the row %s with its line', async (row, line, what) => {
  const file = fileOf(header, '1999-03-01,1,0,4', row, '1999-03-01,3,12,1');
  await expect(readArrivals(file, '1999-03-01')).rejects.toThrow(new RegExp(`line ${line}: ${what}`));
});

it('refuses a wrong row of another day too', async () => {
  const file = fileOf(header, '1999-03-01,1,0,4', '1999-03-02,x,6,1');
  await expect(readArrivals(file, '1999-03-01')).rejects.toThrow('line 3: interval must be a whole number');
});

it('refuses a file without the header, without rows, or that isn’t there', async () => {
  await expect(readArrivals(fileOf('1999-03-01,1,0,4'), '1999-03-01')).rejects.toThrow(`line 1: the header must be ${header}`);
  await expect(readArrivals(fileOf(header), '1999-03-01')).rejects.toThrow('no arrivals at all');
  await expect(readArrivals('/nowhere/arrivals.csv', '1999-03-01')).rejects.toThrow("/nowhere/arrivals.csv can't be read");
});

it('names the first and the last day when the one wanted isn’t there', async () => {
  const file = fileOf(header, '1999-02-01,1,0,4', '1999-01-31,1,0,4', '1999-12-31,1,0,4');
  await expect(readArrivals(file, '1999-03-01')).rejects.toThrow('no arrivals of 1999-03-01; its days go from 1999-01-31 to 1999-12-31.');
});

it('spreads each interval’s calls over its six minutes, the same for the same seed', () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.record({ interval: fc.integer({ min: 1, max: 240 }), calls: fc.nat(20) }), { selector: (i) => i.interval }),
      fc.nat(),
      (intervals, seed) => {
        const instants = arrivalInstants(intervals, '1999-03-01', seed);
        expect(instants).toEqual([...instants].sort((a, b) => a - b));
        const intervalOf = (instant: number) => Math.floor((instant - Date.parse('1999-03-01T00:00:00Z')) / 360_000) + 1;
        for (const { interval, calls } of intervals) expect(instants.filter((i) => intervalOf(i) === interval)).toHaveLength(calls);
        expect(arrivalInstants([...intervals].reverse(), '1999-03-01', seed)).toEqual(instants);
      },
    ),
    { numRuns: 50 },
  ));
