import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from './kit/figure.ts';

/** What benchmarks share, and is none itself. */
const isShared = (name: string): boolean =>
  name.startsWith('kit/') || ['main', 'harness', 'raw-limits'].includes(name.split('/').at(-1) ?? name);
const here = fileURLToPath(new URL('.', import.meta.url));

/** Every benchmark by its name: the path of its file below this folder, without its ending. */
const benchmarks = async (): Promise<string[]> => {
  const files = await readdir(here, { recursive: true });
  const names = files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -'.ts'.length));
  return names.filter((name) => !isShared(name)).sort();
};

/** As `npm start` runs the service. */
const SERVED = ['--max-semi-space-size=64'];

/** Runs one in a process of its own, so that none warms up or burdens another. */
const run = (name: string, options: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...SERVED, '--import', 'tsx', join(here, `${name}.ts`), ...options], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });

const known = await benchmarks();
const given = process.argv.slice(2);
const behindNames = given.findIndex((argument) => argument.startsWith('-'));
const asked = behindNames === -1 ? given : given.slice(0, behindNames);
const options = given.slice(asked.length);
const unknown = asked.filter((name) => !known.some((one) => one === name || one.startsWith(`${name}/`)));
if (unknown.length > 0) {
  say(`There is no benchmark ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  process.exit(1);
}
for (const name of known.filter((one) => asked.length === 0 || asked.some((wanted) => one === wanted || one.startsWith(`${wanted}/`)))) {
  say(`— ${name}, on ${availableParallelism()} cores with a load of ${loadavg()[0]?.toFixed(1)} before it`);
  const code = await run(name, options);
  if (code !== 0) process.exitCode = code;
}
