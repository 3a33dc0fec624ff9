import type { Duplex } from 'node:stream';
import pg from 'pg';
import { type Clock, sleepUntil } from '../../../../src/clock.ts';
import type { EmbeddedPostgres } from '../../../../src/embedded/postgres/start.ts';

/** One node's way to Postgres. */
export type NodePool = {
  readonly pool: pg.Pool;
  /** A connection is made, waited for or in use; one that is only slow to come isn't. */
  readonly isBusy: () => boolean;
  /** How many wait for a connection because Postgres is slow. */
  readonly slowed: () => number;
  /** Breaks all connections off, in the middle of whatever they do, and gives no more. */
  readonly die: () => void;
};

type Connected = (...answer: unknown[]) => void;

/** Connections to the embedded Postgres, each of which takes `pauseMs` of the clock to come. */
export const nodePool = (postgres: Pick<EmbeddedPostgres, 'poolConfig' | 'stream'>, clock: Clock, pauseMs: () => number): NodePool => {
  const streams = new Set<Duplex>();
  const stream = () => {
    const made = postgres.stream();
    streams.add(made);
    made.once('close', () => streams.delete(made));
    return made;
  };
  const pool = new pg.Pool({ ...postgres.poolConfig, stream });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const connect = pool.connect.bind(pool);
  let slowed = 0;
  let isDead = false;

  const slowly = async (): Promise<void> => {
    if (pauseMs() > 0) {
      slowed++;
      await sleepUntil(clock, clock.now() + pauseMs());
      slowed--;
    }
    if (isDead) throw new Error('this node is dead');
  };
  // pg's pool asks itself with a callback
  Object.assign(pool, {
    connect: (callback?: Connected) => {
      if (callback === undefined) return slowly().then(() => connect());
      return slowly().then(
        () => connect(callback),
        (error) => callback(error),
      );
    },
  });
  return {
    pool,
    isBusy: () => !isDead && (pool.totalCount > pool.idleCount || pool.waitingCount > 0),
    slowed: () => slowed,
    die: () => {
      isDead = true;
      for (const made of streams) made.destroy();
    },
  };
};
