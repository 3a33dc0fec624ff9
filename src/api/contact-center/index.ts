import type { FastifyPluginAsync } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { reportAgents } from './agents.ts';
import { reportAttempts } from './attempts.ts';
import { reportFlow } from './flow.ts';
import { reportRegions } from './regions.ts';

/** What the contact center reports, under /contact-center. */
export const contactCenter =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(reportAgents(deps));
    await app.register(reportFlow(deps));
    await app.register(reportRegions(deps));
    await app.register(reportAttempts(deps));
  };
