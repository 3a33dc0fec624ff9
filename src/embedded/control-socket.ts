import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type Answer, askWho, type Command, type Reply, socketPath, WHO } from './ask-holder.ts';

export type { Command } from './ask-holder.ts';

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

const TRIES = 10;

const isTaken = (holder: Answer): boolean => typeof holder === 'object' || holder === 'silent';

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
  if (isTaken(await askWho(aside))) await rename(aside, path);
  else await rm(aside, { force: true });
};

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
      const command = JSON.parse(line) as C; // from askHolder, or read again by `carryOut`
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

/**
 * Takes hold of `dir` (`what` it is, for the sentence) for this process until released; rejects with FolderHeldError when another one has it.
 * Who holds a folder listens on a socket in it. That is the lock: a second process finds it answered, or connected and silent, and is refused,
 * while the socket of a process that was killed refuses, and is taken over. Commands to the holder go the same way.
 */
export const holdFolder = async <C extends Command>(dir: string, what: string, carryOut: CarryOut<C>, withinMs?: number): Promise<Held> => {
  await mkdir(dir, { recursive: true });
  const path = await socketPath(dir);
  const { server, held } = answering(carryOut);
  for (let tries = 0; tries < TRIES; tries++) {
    if (await listen(server, path)) return held;
    const holder = await askWho(path, withinMs);
    if (isTaken(holder)) {
      const who = typeof holder === 'object' && 'result' in holder ? holder.result : 'one that doesn’t answer';
      throw new FolderHeldError(`${what} in ${dir} is in use by another process (${who}). Stop that one first, or choose another folder.`);
    }
    await removeStale(path);
  }
  throw new Error(`${what} in ${dir} can't be locked: its control socket ${path} can neither be used nor replaced.`);
};
