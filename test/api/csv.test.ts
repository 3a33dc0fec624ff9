import { afterEach, beforeEach, expect, it } from 'vitest';
import { readCsv } from '../../src/api/csv.ts';

const warnings: Error[] = [];
const heard = (warning: Error): void => void warnings.push(warning);
beforeEach(() => {
  warnings.length = 0;
  process.on('warning', heard);
});
afterEach(() => process.off('warning', heard));

it('a file of many pieces is read to its end, and nothing is left behind by the waits between them', async () => {
  const lines = Array.from({ length: 120_000 }, (_, n) => `+1212${5_000_000 + n},note`);
  const { records, fault } = await readCsv(Buffer.from(lines.join('\n')), lines.length);
  expect(fault).toBeUndefined();
  expect(records).toHaveLength(lines.length);
  expect(records.at(-1)).toEqual({ cells: ['+12125119999', 'note'], line: 120_000 });
  await new Promise((resolve) => setImmediate(resolve)); // warnings are told in a turn of their own
  expect(warnings).toEqual([]);
});
