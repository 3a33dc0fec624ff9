import type { FastifyPluginAsync } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { listDeadLetters } from './dead-letters-list.ts';
import { listModels } from './models-list.ts';
import { startOnModels } from './models-start.ts';
import { decideParked } from './parked-decisions.ts';
import { listParked } from './parked-list.ts';
import { listProcesses } from './processes-list.ts';

/** /api/operations. */
export const operations =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(listModels(deps));
    await app.register(startOnModels(deps));
    await app.register(listProcesses(deps));
    await app.register(listDeadLetters(deps));
    await app.register(listParked(deps));
    await app.register(decideParked(deps));
  };
