import type { FastifyPluginAsync } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { listModels } from './models-list.ts';
import { startOnModels } from './models-start.ts';
import { decideParked } from './parked-decisions.ts';
import { listParked } from './parked-list.ts';

/** /api/operations. */
export const operations =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(listModels(deps));
    await app.register(startOnModels(deps));
    await app.register(listParked(deps));
    await app.register(decideParked(deps));
  };
