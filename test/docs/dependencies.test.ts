import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { read, tableRows, withoutSentence } from './read.ts';

const names = z.record(z.string(), z.string()).transform((packages) => Object.keys(packages).sort());
const manifest = z.object({ dependencies: names, devDependencies: names }).parse(JSON.parse(read('package.json')));
const page = read('docs/dependencies.md');
const sorted = (rows: ReadonlyMap<string, string>): readonly string[] => [...rows.keys()].sort();

describe('docs/dependencies.md', () => {
  test('gives a reason for each package that the service runs on, and for no other', () => {
    expect(sorted(tableRows(page, 'What the service runs on'))).toEqual(manifest.dependencies);
  });

  test('gives a reason for each package that it is built with, and for no other', () => {
    expect(sorted(tableRows(page, 'What it is built and checked with'))).toEqual(manifest.devDependencies);
  });

  test('gives it in a sentence', () => {
    expect(withoutSentence(tableRows(page))).toEqual([]);
  });
});
