import type { FastifyPluginAsync } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { changeDoNotCall } from './change.ts';
import { listDoNotCall } from './list.ts';
import { replaceDoNotCall } from './replace.ts';

/** /api/do-not-call. */
export const doNotCall =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(listDoNotCall(deps));
    await app.register(replaceDoNotCall(deps));
    await app.register(changeDoNotCall(deps));
  };
