import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { environment } from '../../src/config.ts';
import { read, tableRows } from './read.ts';

const page = read('docs/operations.md');
const source = readdirSync(new URL('../../src', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => read(`src/${path}`))
  .join('\n');

describe('docs/operations.md', () => {
  test('explains each variable that the service reads, and no other', () => {
    expect([...tableRows(page, 'Settings').keys()].sort()).toEqual(Object.keys(environment.shape).sort());
  });

  test('explains no log line and no metric that is not there', () => {
    const named = [...tableRows(page, 'Logs').keys(), ...tableRows(page, 'Health and metrics').keys()];
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((text) => !source.includes(text))).toEqual([]);
  });

  test('explains each metric that is there', () => {
    const metrics = [...source.matchAll(/name: '(ringback_\w+)'/g)].map(([, name]) => name);
    expect(metrics.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
