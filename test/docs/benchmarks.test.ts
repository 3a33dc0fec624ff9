import { describe, expect, it } from 'vitest';
import { benchmarks } from '../../bench/kit/benchmarks.ts';
import { read } from './read.ts';

describe('the list of benchmarks in operations.md', () => {
  it('names each there is, or its folder, and none that there isn’t', async () => {
    const [, section = ''] = read('docs/operations.md').split('## Benchmarks');
    const listed = [...section.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) => cell.replaceAll('`', '').split(', '));
    const known = await benchmarks();
    const covers = (name: string, one: string) => one === name || one.startsWith(`${name}/`);
    expect(known.filter((one) => !listed.some((name) => covers(name, one)))).toEqual([]);
    expect(listed.filter((name) => !known.some((one) => covers(name, one)))).toEqual([]);
    expect(listed.length).toBeGreaterThan(10);
  });
});
