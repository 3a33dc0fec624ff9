import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './until.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const lock = join(tmpdir(), 'ringback-test-build-lock');
const BUILD_MS = 240_000;

/** Programs as they are shipped. */
export const programs = { service: join(root, 'dist/main.js'), eventStore: join(root, 'dist/embedded/event-store/main.js') };

const isStale = async (): Promise<boolean> => {
  if (!existsSync(programs.service)) return true;
  const built = (await stat(programs.service)).mtimeMs;
  const sources = await readdir(join(root, 'src'), { recursive: true });
  const changed = await Promise.all(sources.map(async (name) => (await stat(join(root, 'src', name))).mtimeMs));
  return Math.max(...changed) > built;
};

const isLockFree = async (): Promise<boolean> => {
  try {
    await mkdir(lock);
    return true;
  } catch {
    const since = await stat(lock).catch(() => undefined);
    if (since !== undefined && Date.now() - since.mtimeMs > BUILD_MS) await rm(lock, { recursive: true, force: true });
    return false;
  }
};

/** Builds the service if its sources are newer; test files that run side by side build one after the other. */
export const build = async (): Promise<void> => {
  if (!(await isStale())) return;
  await until('another build', 2 * BUILD_MS, isLockFree);
  try {
    if (await isStale()) await run('npm', ['run', '--silent', 'build'], { cwd: root, timeout: BUILD_MS });
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
};
