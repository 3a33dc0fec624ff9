import type { FastifyPluginAsync } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { changeBusinessHours } from './change.ts';
import { readBusinessHours } from './read.ts';

/** /api/business-hours (3.1). */
export const businessHoursRoutes =
  (deps: Pick<ApiDeps, 'commands' | 'liveWaitFor'>): FastifyPluginAsync =>
  async (app) => {
    await app.register(readBusinessHours(deps));
    await app.register(changeBusinessHours(deps));
  };
