import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { newSocketPath, readHolder, replaceHolder } from './holder.ts';

/**
 * Who serves a folder listens on a socket, and the folder names it. That is the lock: a second process finds the socket answered and is refused,
 * while that of a process that was killed is answered by nobody, and replaced. Commands to the holder go the same way: a line of JSON each way.
 */
export type Command = { readonly command: 'who' } | { readonly command: 'scavenge' } | { readonly command: 'backup'; readonly to: string };

type Reply = { readonly result: unknown } | { readonly error: string };

/** Asks the process behind a socket; undefined if there is none. */
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

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });

/** Sends a command to the process that serves `dir`; undefined if none does. Rejects with the holder's sentence if it fails. */
export const askHolder = async (dir: string, command: Command): Promise<{ readonly result: unknown } | undefined> => {
  const path = readHolder(dir);
  const reply = path === '' ? undefined : await ask(path, command);
  if (reply && 'error' in reply) throw new Error(reply.error);
  return reply;
};

const answering = (carryOut: (command: Command) => Promise<unknown>): Server =>
  createServer((socket) => {
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

/** Takes hold of `dir` for this process until released; rejects with a sentence when another one has it. */
export const holdFolder = async (dir: string, carryOut: (command: Command) => Promise<unknown>): Promise<() => Promise<void>> => {
  await mkdir(dir, { recursive: true });
  const own = await newSocketPath(dir);
  const server = answering(carryOut);
  await listen(server, own);
  const release = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  for (;;) {
    const seen = readHolder(dir);
    const holder = seen === '' ? undefined : await ask(seen, { command: 'who' });
    if (holder) {
      await release();
      const who = 'result' in holder ? holder.result : 'unknown';
      throw new Error(`The event store in ${dir} is in use by another process (${who}). Stop that one first, or choose another folder.`);
    }
    if (!(await replaceHolder(dir, seen, own))) continue; // another start was faster: look who
    if (seen !== '' && process.platform !== 'win32') await rm(seen, { force: true });
    return release;
  }
};
