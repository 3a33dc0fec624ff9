import { spawn } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { benchFolder, benchmarks } from './kit/benchmarks.ts';
import { say } from './kit/figure.ts';
import { servedFlags } from './kit/served.ts';

/** Runs one in a process of its own, so that none warms up or burdens another. */
const run = (name: string, options: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...servedFlags, '--import', 'tsx', join(benchFolder, `${name}.ts`), ...options], {
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
