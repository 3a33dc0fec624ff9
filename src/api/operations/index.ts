import type { FastifyPluginAsync } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { decideParked } from './parked-decisions.ts';
import { listParked } from './parked-list.ts';

/** /api/operations. */
export const operations =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(listParked(deps));
    await app.register(decideParked(deps));
  };
