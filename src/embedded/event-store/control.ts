import { createHash, randomUUID } from 'node:crypto';
import { mkdir, realpath, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Who serves a folder listens on a socket in it. That is the lock: a second process finds it answered and is refused,
 * while the socket of a process that was killed is answered by nobody and taken over. Commands to the holder go the same way: a line of JSON each way.
 */
export type Command = { readonly command: 'who' } | { readonly command: 'scavenge' } | { readonly command: 'backup'; readonly to: string };

type Reply = { readonly result: unknown } | { readonly error: string };

const longestPath = 100;

const socketPath = async (dir: string): Promise<string> => {
  const real = await realpath(dir);
  const name = `event-store-${createHash('sha256').update(real).digest('hex').slice(0, 32)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const inside = join(real, 'control.sock');
  return Buffer.byteLength(inside) <= longestPath ? inside : join(tmpdir(), `${name}.sock`);
};

const ask = (path: string, command: Command): Promise<Reply | undefined> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(undefined);
      else reject(error);
    });
    socket.on('close', () => resolve(undefined));
    socket.write(`${JSON.stringify(command)}\n`);
    createInterface({ input: socket })
      .on('error', () => {})
      .once('line', (line) => {
        resolve(JSON.parse(line) as Reply); // written by the holder below
        socket.destroy();
      });
  });

const listen = (server: Server, path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen(path, () => resolve(true));
  });

/** Removes a socket that nobody answers any more. Renaming first keeps two starts from removing each other's new one. */
const removeStale = async (path: string): Promise<void> => {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // another start was faster
  }
  if (await ask(aside, { command: 'who' })) await rename(aside, path);
  else await rm(aside, { force: true });
};

/** Sends a command to the process that serves `dir`; undefined if none does. Rejects with the holder's sentence if it fails. */
export const askHolder = async (dir: string, command: Command): Promise<{ readonly result: unknown } | undefined> => {
  await mkdir(dir, { recursive: true });
  const reply = await ask(await socketPath(dir), command);
  if (reply && 'error' in reply) throw new Error(reply.error);
  return reply;
};

/** Takes hold of `dir` for this process until released; rejects with a sentence when another one has it. */
export const holdFolder = async (dir: string, carryOut: (command: Command) => Promise<unknown>): Promise<() => Promise<void>> => {
  await mkdir(dir, { recursive: true });
  const path = await socketPath(dir);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket })
      .on('error', () => {})
      .on('line', async (line) => {
        let reply: Reply;
        try {
          reply = { result: (await carryOut(JSON.parse(line) as Command)) ?? null }; // from askHolder above
        } catch (error) {
          reply = { error: error instanceof Error ? error.message : String(error) };
        }
        if (!socket.destroyed) socket.end(`${JSON.stringify(reply)}\n`);
      });
  });
  for (let tries = 0; tries < 10; tries++) {
    if (await listen(server, path)) {
      return () => new Promise((resolve) => server.close(() => resolve()));
    }
    const holder = await ask(path, { command: 'who' });
    if (holder) {
      const pid = 'result' in holder ? holder.result : 'unknown';
      throw new Error(`The event store in ${dir} is in use by another process (${pid}). Stop that one first, or choose another folder.`);
    }
    await removeStale(path);
  }
  throw new Error(`The event store in ${dir} can't be locked: its control socket ${path} can neither be used nor replaced.`);
};
