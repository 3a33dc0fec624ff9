import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { read } from './read.ts';

const page = read('SECURITY.md');
const promises = page
  .slice(page.indexOf('\n## Promises'))
  .split('\n')
  .filter((line) => /^\| [A-Z]/.test(line));
const named = [...page.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);

describe('SECURITY.md', () => {
  test('names tests that there are', () => {
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([]);
  });

  test('names for each promise what holds it', () => {
    expect(promises.length).toBeGreaterThan(20);
    expect(promises.filter((line) => !/^\| [^|]+\. \| `test\/[^|]+\.test\.ts` \|$/.test(line))).toEqual([]);
  });

  test('speaks of every attack that is tried', () => {
    const attacks = readdirSync(new URL('../api/attacks', import.meta.url)).filter((name) => name.endsWith('.test.ts'));
    expect(attacks.length).toBeGreaterThan(5);
    expect(attacks.map((name) => `test/api/attacks/${name}`).filter((path) => !named.includes(path))).toEqual([]);
  });
});
