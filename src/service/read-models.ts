import { setTimeout } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { ReadModels } from '../api/deps.ts';
import { readBuilds } from '../projections/kit/builds.ts';
import type { Worker } from './worker.ts';

const LOOK_MS = 50;

/**
 * The read models as this node reads them. Where another node keeps them, how far they are is read from their checkpoints; `behindMs`
 * is then unknown until something is waited for, and told as 0.
 */
export const readModels = (db: Kysely<unknown>, worker: () => Worker | undefined, clockSpeed: number): ReadModels => {
  const reached = async (position: bigint): Promise<boolean> => {
    const served = (await readBuilds(db)).filter((build) => build.served);
    return served.length > 0 && served.every(({ checkpoint }) => checkpoint !== undefined && checkpoint.position >= position);
  };
  return {
    db,
    table: (projection) => projection,
    lagMs: () => worker()?.work.lagMs() ?? 0,
    waitFor: async (position, timeoutMs) => {
      const local = worker();
      if (local !== undefined) return local.work.engine.waitFor(position, timeoutMs * clockSpeed);
      for (const end = performance.now() + timeoutMs; performance.now() < end; await setTimeout(LOOK_MS))
        if (await reached(position)) return true;
      return false;
    },
  };
};
