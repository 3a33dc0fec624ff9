import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { PATIENCE_MS, until } from './until.ts';

/** A process of its own, with all that it said. */
export type Child = {
  readonly pid: number;
  readonly said: readonly string[];
  readonly isRunning: () => boolean;
  /** The first line that the pattern finds, its first group; waits for it. */
  readonly says: (pattern: RegExp, limitMs?: number) => Promise<string>;
  readonly signal: (name: 'SIGSTOP' | 'SIGCONT') => void;
  /** Ends it and what it started, without warning unless another signal is given. Settles once it is over. */
  readonly end: (name?: 'SIGKILL' | 'SIGTERM') => Promise<void>;
};

/** CRASH_LOG names a file that keeps what all processes of a test say, for whoever looks for the cause of a failure. */
const { CRASH_LOG } = process.env;
const children = new Set<ChildProcess>();
const endAll = (): void => {
  for (const { pid } of children) if (pid !== undefined) killGroup(pid, 'SIGKILL');
};
process.once('exit', endAll);
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => {
    endAll();
    process.exit(1);
  });
}

const killGroup = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(-pid, name);
  } catch {
    // it is over already
  }
};

/** Starts a Node program in a process group of its own, which a failing test doesn't leave behind. */
export const startChild = (args: readonly string[], env: Readonly<Record<string, string>>): Child => {
  const { PATH = '', HOME = '', TMPDIR } = process.env;
  const child = spawn(process.execPath, args, {
    env: { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  children.add(child);
  const exited = once(child, 'exit').finally(() => children.delete(child));
  const said: string[] = [];
  const heard = (line: string): void => {
    said.push(line);
    if (CRASH_LOG !== undefined) appendFileSync(CRASH_LOG, `${child.pid} ${line}\n`);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', heard);
  child.once('exit', (code, signal) => heard(`ended: ${signal ?? code}`));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${args[0]} did not start`);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    said,
    isRunning,
    says: (pattern, limitMs = PATIENCE_MS) =>
      until(`${args[0]} says ${pattern}`, limitMs, () => {
        const found = said.map((line) => pattern.exec(line)).find((match) => match !== null);
        if (found === undefined && !isRunning()) throw new Error(`${args[0]} ended early:\n${said.slice(-10).join('\n')}`);
        return found?.[1] ?? found?.[0];
      }),
    signal: (name) => killGroup(pid, name),
    end: async (name = 'SIGKILL') => {
      killGroup(pid, name);
      await exited;
    },
  };
};
