import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
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

/** Sends word to the asker of how a command gets on; settles when he has room for more. */
export type Tell = (progress: unknown) => Promise<void> | void;
/** `gone`: nobody waits for the answer any more; `stopping`: the holder is about to let go, and waits for the command to end. */
export type Asked = { readonly tell: Tell; readonly gone: AbortSignal; readonly stopping: AbortSignal };
export type CarryOut<C extends Command> = (command: C, asked: Asked) => Promise<unknown>;
/** A folder that is held. `endCommands` lets no more begin and waits for those under way; `release` lets go of the folder after that. */
export type Held = { readonly endCommands: () => Promise<void>; readonly release: () => Promise<void> };

/** Another process holds the folder; its message is a sentence that says which. */
export class FolderHeldError extends Error {
  override readonly name = 'FolderHeldError';
}

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

/** The holder's answer; nobody listens there; or the holder ended before it answered. */
type Answer = Exclude<Reply, { readonly progress: unknown }> | 'nobody' | 'ended';

const ask = (path: string, command: Command, told: (progress: unknown) => void = () => {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    let connected = false;
    socket.once('connect', () => {
      connected = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (connected) resolve('ended');
      else if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve('nobody');
      else reject(error);
    });
    socket.on('close', () => resolve('ended'));
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

const isAnswered = async (path: string): Promise<boolean> => typeof (await ask(path, WHO)) === 'object';

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
  if (await isAnswered(aside)) await rename(aside, path);
  else await rm(aside, { force: true });
};

/** Sends a command to the process that holds `dir`; undefined if none does. Rejects with the holder's sentence if it fails, or ends on the way. */
export const askHolder = async <C extends Command>(
  dir: string,
  command: C,
  told?: (progress: unknown) => void,
): Promise<{ readonly result: unknown } | undefined> => {
  if (!existsSync(dir)) return undefined;
  const reply = await ask(await socketPath(dir), command, told);
  if (reply === 'nobody') return undefined;
  if (reply === 'ended') throw new Error(`The process that holds ${dir} ended before it answered.`);
  if ('error' in reply) throw new Error(reply.error);
  return reply;
};

/** True while some process holds `dir`. */
export const isHeld = async (dir: string): Promise<boolean> => (await askHolder(dir, WHO)) !== undefined;

/** Answers whoever connects; `server` isn't listening yet. */
const answering = <C extends Command>(carryOut: CarryOut<C>) => {
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  const sockets = new Set<Socket>();

  const answer = async (line: string, socket: Socket): Promise<void> => {
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    const send = async (reply: Reply): Promise<void> => {
      if (socket.destroyed) return gone.abort(); // its 'close' comes later, and one who only tells would never let it come
      if (socket.write(`${JSON.stringify(reply)}\n`)) return;
      await once(socket, 'drain', { signal: gone.signal }).catch(() => undefined);
    };
    try {
      const command = JSON.parse(line) as C; // from askHolder above, or read again by `carryOut`
      if (command.command === WHO.command) return await send({ result: `process ${process.pid}` });
      if (stop.signal.aborted) throw new Error('The service is stopping.');
      const tell: Tell = (progress) => send({ progress });
      const result = await carryOut(command, { tell, gone: gone.signal, stopping: stop.signal });
      await send({ result: result ?? null });
    } catch (error) {
      const sentence = error instanceof SyntaxError ? 'That is no command.' : error instanceof Error ? error.message : String(error);
      await send({ error: sentence });
    } finally {
      socket.end();
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    createInterface({ input: socket })
      .on('error', () => {})
      .once('line', (line) => {
        const answered: Promise<void> = answer(line, socket).finally(() => underWay.delete(answered));
        underWay.add(answered);
      });
  });
  const endCommands = async (): Promise<void> => {
    stop.abort();
    await Promise.all(underWay);
  };
  const release = async (): Promise<void> => {
    await endCommands();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroySoon(); // one that asks nothing would hold up the end
    await closed;
  };
  return { server, held: { endCommands, release } };
};

/** Takes hold of `dir` (`what` it is, for the sentence) for this process until released; rejects with FolderHeldError when another one has it. */
export const holdFolder = async <C extends Command>(dir: string, what: string, carryOut: CarryOut<C>): Promise<Held> => {
  await mkdir(dir, { recursive: true });
  const path = await socketPath(dir);
  const { server, held } = answering(carryOut);
  for (let tries = 0; tries < TRIES; tries++) {
    if (await listen(server, path)) return held;
    const holder = await ask(path, WHO);
    if (typeof holder === 'object') {
      const who = 'result' in holder ? holder.result : 'unknown';
      throw new FolderHeldError(`${what} in ${dir} is in use by another process (${who}). Stop that one first, or choose another folder.`);
    }
    await removeStale(path);
  }
  throw new Error(`${what} in ${dir} can't be locked: its control socket ${path} can neither be used nor replaced.`);
};
