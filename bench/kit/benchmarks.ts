import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The folder of the benchmarks. */
export const benchFolder = fileURLToPath(new URL('../', import.meta.url));

/** What benchmarks share, and is none itself. */
const isShared = (name: string): boolean =>
  name.startsWith('kit/') || ['main', 'harness', 'raw-limits'].includes(name.split('/').at(-1) ?? name);

/** Every benchmark by its name: the path of its file below the folder, without its ending. */
export const benchmarks = async (): Promise<readonly string[]> => {
  const files = await readdir(benchFolder, { recursive: true });
  const names = files.filter((file) => file.endsWith('.ts') && !file.startsWith('.')).map((file) => file.slice(0, -'.ts'.length));
  return names.filter((name) => !isShared(name)).sort();
};
