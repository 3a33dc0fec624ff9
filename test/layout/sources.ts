import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A source file: its path from the project's root, its lines, and what it imports. */
export type Source = {
  readonly path: string;
  readonly lines: number;
  /** Paths from the root, of files of the project. */
  readonly imports: readonly string[];
  /** Those of `imports` that are gone once types are taken out. */
  readonly typesOnly: readonly string[];
  readonly packages: readonly string[];
};

const IMPORT = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

const read = (path: string): Source => {
  const text = readFileSync(join(root, path), 'utf8');
  const found = [...text.matchAll(IMPORT)].map(([, type, from, dynamic]) => ({ isType: type !== undefined, to: from ?? dynamic ?? '' }));
  const own = found.filter(({ to }) => to.startsWith('.'));
  const resolved = (to: string) => relative(root, join(root, dirname(path), to));
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports: own.map(({ to }) => resolved(to)),
    typesOnly: own.filter(({ isType }) => isType).map(({ to }) => resolved(to)),
    packages: found.filter(({ to }) => !to.startsWith('.')).map(({ to }) => to),
  };
};

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every TypeScript file below a folder of the project. */
export const sourcesIn = (folder: string): readonly Source[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => read(join(folder, name)));
