import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient } from '@eventstore/db-client';

const main = fileURLToPath(new URL('../../src/embedded/event-store/main.ts', import.meta.url));

/** The command line of the event store alone. */
export const commandLine = (...args: readonly string[]): string[] => [process.execPath, '--import', 'tsx', main, ...args];

/** What a command wrote and how it ended. */
export const runCommand = async (...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> => {
  const [command = '', ...rest] = commandLine(...args);
  const child = spawn(command, rest);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
};

/** A server in a process of its own. */
export type ChildServer = {
  readonly process: ChildProcess;
  readonly connect: () => EventStoreDBClient;
  /** Ends it without warning. */
  readonly kill: () => Promise<void>;
  /** Asks it to end. */
  readonly stop: () => Promise<void>;
};

/** Starts a server on `dir`; `shell` is put before its command line, to limit what it may do. */
export const startChild = async (dir: string, shell = ''): Promise<ChildServer> => {
  const args = commandLine('--data', dir, '--port', '0');
  const child = spawn('bash', ['-c', `${shell} exec "$@"`, 'bash', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  const end = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', end); // a test that fails leaves no server behind
  exited.then(() => process.off('exit', end));
  const started = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [address] = line.match(/esdb:\S+/) ?? [];
      if (address) resolve(address);
    });
    exited.then(() => reject(new Error('the server ended before it served')));
  });
  const address = await started;
  return {
    process: child,
    connect: () => EventStoreDBClient.connectionString(address),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
};
