import { createHash, randomUUID } from 'node:crypto';
import { mkdir, realpath, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * Who holds a folder listens on a socket in it. That is the lock: a second process finds it answered and is refused, while the socket of a
 * process that was killed is answered by nobody and taken over. Commands to the holder go the same way: a line of JSON there, and back
 * any number of lines of progress and one of the result.
 */
export type Command = { readonly command: string };
type Reply = { readonly progress: unknown } | { readonly result: unknown } | { readonly error: string };

/** Carries out a command; `tell` sends word of how it gets on. */
export type CarryOut<C extends Command> = (command: C, tell: (progress: unknown) => void) => Promise<unknown>;

const WHO: Command = { command: 'who' };
const LONGEST_PATH = 100;
const TRIES = 10;

const socketPath = async (dir: string): Promise<string> => {
  const real = await realpath(dir);
  const name = `ringback-${createHash('sha256').update(real).digest('hex').slice(0, 32)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const inside = join(real, 'control.sock');
  return Buffer.byteLength(inside) <= LONGEST_PATH ? inside : join(tmpdir(), `${name}.sock`);
};

type Answer = Exclude<Reply, { readonly progress: unknown }>;

const ask = (path: string, command: Command, told: (progress: unknown) => void = () => {}): Promise<Answer | undefined> =>
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
      .on('line', (line) => {
        const reply = JSON.parse(line) as Reply; // written by the holder below
        if ('progress' in reply) return told(reply.progress);
        resolve(reply);
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
  if (await ask(aside, WHO)) await rename(aside, path);
  else await rm(aside, { force: true });
};

/** Sends a command to the process that holds `dir`; undefined if none does. Rejects with the holder's sentence if it fails. */
export const askHolder = async <C extends Command>(
  dir: string,
  command: C,
  told?: (progress: unknown) => void,
): Promise<{ readonly result: unknown } | undefined> => {
  await mkdir(dir, { recursive: true });
  const reply = await ask(await socketPath(dir), command, told);
  if (reply && 'error' in reply) throw new Error(reply.error);
  return reply;
};

/** True while some process holds `dir`. */
export const isHeld = async (dir: string): Promise<boolean> => (await askHolder(dir, WHO)) !== undefined;

/** Takes hold of `dir` (`what` it is, for the sentence) for this process until released; rejects with a sentence when another one has it. */
export const holdFolder = async <C extends Command>(dir: string, what: string, carryOut: CarryOut<C>): Promise<() => Promise<void>> => {
  await mkdir(dir, { recursive: true });
  const path = await socketPath(dir);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const send = (reply: Reply) => void (socket.destroyed || socket.write(`${JSON.stringify(reply)}\n`));
    createInterface({ input: socket })
      .on('error', () => {})
      .on('line', async (line) => {
        try {
          const command = JSON.parse(line) as C; // from askHolder above
          const result =
            command.command === WHO.command ? `process ${process.pid}` : await carryOut(command, (progress) => send({ progress }));
          send({ result: result ?? null });
        } catch (error) {
          send({ error: error instanceof Error ? error.message : String(error) });
        }
        socket.end();
      });
  });
  for (let tries = 0; tries < TRIES; tries++) {
    if (await listen(server, path)) {
      return () => new Promise((resolve) => server.close(() => resolve()));
    }
    const holder = await ask(path, WHO);
    if (holder) {
      const who = 'result' in holder ? holder.result : 'unknown';
      throw new Error(`${what} in ${dir} is in use by another process (${who}). Stop that one first, or choose another folder.`);
    }
    await removeStale(path);
  }
  throw new Error(`${what} in ${dir} can't be locked: its control socket ${path} can neither be used nor replaced.`);
};
