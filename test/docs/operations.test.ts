import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
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

  test('explains each command that there is, and no other', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    const aside = ['build', 'check', 'lint', 'test', 'bench'];
    const explained = [...tableRows(page, 'Commands').keys()].map((text) => /^npm (?:run )?([\w:]+)/.exec(text)?.[1]);
    expect(explained.sort()).toEqual(
      Object.keys(scripts)
        .filter((name) => !aside.includes(name))
        .sort(),
    );
  });

  test('explains each metric that is there', () => {
    const metrics = [...source.matchAll(/name: '(ringback_\w+)'/g)].map(([, name]) => name);
    expect(metrics.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
  });
});
