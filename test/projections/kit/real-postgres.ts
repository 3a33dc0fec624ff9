import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = '/usr/lib/postgresql';
const NOBODY = 65_534; // Postgres refuses to run as root

const binaries = (): string | undefined =>
  existsSync(ROOT)
    ? readdirSync(ROOT)
        .map((version) => join(ROOT, version, 'bin'))
        .findLast((dir) => existsSync(join(dir, 'initdb')) && existsSync(join(dir, 'postgres')))
    : undefined;

/** For titles: why tests on a real Postgres are left out; undefined where they run. */
export const noRealPostgres: string | undefined = binaries() === undefined ? 'left out: no Postgres binaries here' : undefined;

export type RealPostgres = {
  readonly connectionString: string;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** A Postgres of its own on a new, empty data folder, reached through a Unix socket there; it can be stopped and started. */
export const startRealPostgres = async (): Promise<RealPostgres> => {
  const bin = binaries();
  if (bin === undefined) throw new Error('there are no Postgres binaries here');
  const parent = await mkdtemp(join(tmpdir(), 'ringback-real-postgres-'));
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (isRoot) await chown(parent, NOBODY, NOBODY);
  const data = join(parent, 'data');
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8'], { ...as, cwd: parent });
  let server: ReturnType<typeof spawn> | undefined;
  const start = async () => {
    const settings = ['-c', 'listen_addresses=', '-c', `unix_socket_directories=${parent}`, '-c', 'shared_buffers=64MB'];
    server = spawn(join(bin, 'postgres'), ['-D', data, ...settings], { ...as, cwd: parent, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    for await (const chunk of server.stderr ?? []) {
      said += chunk;
      if (said.includes('ready to accept connections')) break;
    }
    if (!said.includes('ready to accept connections')) throw new Error(`Postgres did not start: ${said}`);
  };
  const stop = async () => {
    const stopping = server;
    server = undefined;
    if (stopping === undefined || stopping.exitCode !== null) return;
    const exited = once(stopping, 'exit');
    stopping.kill('SIGINT'); // fast shutdown
    await exited;
  };
  await start();
  return {
    connectionString: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(parent)}`,
    start,
    stop,
    close: async () => {
      await stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
};
