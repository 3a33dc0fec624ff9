import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Process } from '../../src/processes/kit/process.ts';
import type { Projection } from '../../src/projections/kit/projection.ts';

const has = (value: object, ...names: readonly string[]): boolean => names.every((name) => name in value);
const isProjection = (value: unknown): value is Projection =>
  typeof value === 'object' && value !== null && has(value, 'name', 'version', 'columns', 'keysOf', 'fold');
const isProcess = (value: unknown): value is Process =>
  typeof value === 'object' && value !== null && has(value, 'name', 'version', 'initial', 'instanceOf', 'evolve', 'todo');

const exportsBelow = async (folder: string): Promise<unknown[]> => {
  const dir = fileURLToPath(new URL(`../../src/${folder}/`, import.meta.url));
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.startsWith('kit'));
  const modules = await Promise.all(files.map((file): Promise<Record<string, unknown>> => import(join(dir, file))));
  return modules.flatMap((module) => Object.values(module).flatMap((value) => (Array.isArray(value) ? value : [value])));
};

const unique = <T extends { readonly name: string }>(all: readonly T[]): T[] =>
  [...new Set(all)].sort((a, b) => a.name.localeCompare(b.name));

/** Every projection and process that the service's code exports: a new one is held to the laws without being listed. */
export const allProjections = unique((await exportsBelow('projections')).filter(isProjection));
export const allProcesses = unique((await exportsBelow('processes')).filter(isProcess));
