import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a server of the tests has its files: the folder that its connection string names as host. */
const pidOf = (connectionString: string): number => {
  const folder = new URL(connectionString).searchParams.get('host') ?? '';
  return Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
};

const withChildren = (pid: number): number[] => {
  const rows = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  return [pid, ...pairs.flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []))];
};

/** Stops every process of a Postgres where it stands, so that it takes connections and never answers; the answer lets it go on. */
export const freezePostgres = (connectionString: string): (() => void) => {
  const pids = withChildren(pidOf(connectionString));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  };
};
