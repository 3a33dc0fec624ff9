import type { FastifyPluginAsync } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { developerTools } from './developer.ts';
import { apiKeys } from './keys.ts';
import { accessResources } from './resources.ts';
import { userTokens } from './tokens.ts';

/** /api/api-keys, /api/cors-origins, /api/users, /api/access-groups and /api/folders. */
export const access =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(apiKeys(deps));
    await app.register(developerTools(deps));
    await app.register(accessResources(deps));
    await app.register(userTokens(deps));
  };
