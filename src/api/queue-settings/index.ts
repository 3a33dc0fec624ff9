import type { FastifyPluginAsync } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { changeSettings } from './change.ts';
import { readSettings } from './read.ts';
import { importTable } from './table.ts';

/** /api/queue-settings. */
export const settingsOfQueues =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(readSettings(deps));
    await app.register(changeSettings(deps));
    await app.register(importTable(deps));
  };
