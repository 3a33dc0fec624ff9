import type { Duplex } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import type { PoolConfig } from 'pg';
import { type Engine, EngineRefusal, openEngine } from './engine-thread.ts';
import { createDatabase, moveAside, stateOf } from './files.ts';
import { type EnginePort, portSocket } from './socket.ts';

export type EmbeddedPostgres = {
  /** For the `stream` option of a `pg` client: a new connection each time. All connections share one session, in turns. */
  readonly stream: () => Duplex;
  /** `new pg.Pool(poolConfig)` is all it takes. One client: there is one session, and a second would only wait for it. */
  readonly poolConfig: PoolConfig & { readonly max: 1; readonly stream: () => Duplex };
  /** Where files are that didn't open; the database is empty then. */
  readonly setAside: string | undefined;
  /** Ends open connections, closes the database and its thread. */
  readonly close: () => Promise<void>;
};

// Not the files' fault: moving them away would help nothing.
const environmental = /No space left|Permission denied|Operation not permitted|Read-only file system|Too many open files|out of memory/i;

const openOrSetAside = async (dir: string): Promise<{ engine: Engine; setAside: string | undefined }> => {
  const state = await stateOf(dir);
  if (state === 'database') {
    try {
      return { engine: await openEngine(dir), setAside: undefined };
    } catch (error) {
      if (!(error instanceof EngineRefusal) || environmental.test(error.reason)) throw error;
    }
  }
  const setAside = state === 'empty' ? undefined : await moveAside(dir);
  await createDatabase(dir);
  return { engine: await openEngine(dir), setAside };
};

/**
 * Starts a Postgres in a thread of its own, with its files in `dir` (made if missing), for `pg` to speak to.
 * One process at a time may do so: the caller holds the lock. If the files there don't open, they are set aside and it starts empty.
 * Should the thread break down, its connections break off, and the next one starts it again on the same files.
 * Nothing is fsynced: only what can be rebuilt belongs in it.
 */
export const startPostgres = async ({ dir }: { dir: string }): Promise<EmbeddedPostgres> => {
  const { engine, setAside } = await openOrSetAside(dir);
  let closed = false;
  let running: Promise<Engine> | undefined;
  const run = (opening: Promise<Engine>): Promise<Engine> => {
    running = opening;
    const forget = () => {
      running = undefined;
    };
    opening.then(({ ended }) => ended).then(forget, forget);
    return opening;
  };
  run(Promise.resolve(engine));

  const openPort = async (): Promise<EnginePort> => {
    if (closed) throw new Error('the embedded Postgres is closed');
    const { serve, ended } = await (running ?? run(openEngine(dir)));
    const { port1, port2 } = new MessageChannel();
    serve(port2);
    return { port: port1, ended };
  };
  const stream = () => portSocket(openPort);
  const close = async () => {
    closed = true;
    await (await running?.catch(() => undefined))?.close();
  };
  const poolConfig = { max: 1, stream, pipeline: true, user: 'postgres', database: 'postgres', ssl: false } as const;
  return { stream, poolConfig, setAside, close };
};
