import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { read, tableRows } from './read.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = read('docs/architecture.md');
const filesOf = (folder: string): readonly string[] => readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
const namesMadeBy = (folder: string, maker: string): readonly string[] =>
  filesOf(folder)
    .flatMap((file) => [...read(`${folder}/${file}`).matchAll(new RegExp(`${maker}<[^(]*\\(\\{\\s*name: '(\\w+)'`, 'g'))])
    .map(([, name = '']) => name)
    .sort();

const documents = ['README.md', ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`)];
const pages = documents.filter((path) => path.endsWith('.md'));

describe('docs/architecture.md', () => {
  test('names each folder of the sources, and no other', () => {
    const folders = [...page.matchAll(/`src\/([a-z]+)`/g)].map(([, name = '']) => name);
    const there = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect([...new Set(folders)].sort()).toEqual(there.map(({ name }) => name).sort());
  });

  test('names each read model, and no other', () => {
    expect([...tableRows(page, 'Read models').keys()].sort()).toEqual(namesMadeBy('src/projections', 'defineProjection'));
  });

  test('names each process, and no other', () => {
    expect([...tableRows(page, 'Processes').keys()].sort()).toEqual(namesMadeBy('src/processes', 'defineProcess'));
  });
});

describe('every document', () => {
  test('links only to what is there', () => {
    const broken = pages.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:)([^)#]+)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(root, dirname(path), target)))
        .map((target) => `${path}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('of the decisions is numbered, without gaps, and says context, decision and consequences', () => {
    const decisions = pages.filter((path) => path.startsWith('docs/adr/')).sort();
    expect(decisions.map((path) => Number(path.slice('docs/adr/'.length).slice(0, 4)))).toEqual(decisions.map((_, index) => index + 1));
    for (const [index, path] of decisions.entries()) {
      const text = read(path);
      expect(text, path).toMatch(new RegExp(`^# ${index + 1}\\. `));
      expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual(['Context', 'Decision', 'Consequences']);
    }
  });
});
