import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files that benchmarks share, and are none themselves. */
const SHARED = new Set(['main', 'harness', 'raw-limits', 'load', 'over-http']);
const here = fileURLToPath(new URL('.', import.meta.url));

/** Every benchmark by its name: the path of its file below this folder, without its ending. */
const benchmarks = async (): Promise<string[]> => {
  const files = await readdir(here, { recursive: true });
  const names = files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -'.ts'.length));
  return names.filter((name) => !SHARED.has(name.split('/').at(-1) ?? name)).sort();
};

/** Runs one in a process of its own, so that none warms up or burdens another. */
const run = (name: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', join(here, `${name}.ts`)], { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });

const known = await benchmarks();
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.some((one) => one === name || one.startsWith(`${name}/`)));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(1);
}
for (const name of known.filter((one) => asked.length === 0 || asked.some((wanted) => one === wanted || one.startsWith(`${wanted}/`)))) {
  console.error(`— ${name}`);
  const code = await run(name);
  if (code !== 0) process.exitCode = code;
}
