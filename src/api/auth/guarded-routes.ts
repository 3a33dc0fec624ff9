import type { FastifyInstance } from 'fastify';
import type { RoutePermission } from './permissions.ts';

/** A route behind a door, and who may use it. `url` is a pattern. */
export type GuardedRoute = { readonly method: string; readonly url: string; readonly permission: RoutePermission };

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route that asks who asks. */
    guardedRoutes: readonly GuardedRoute[];
  }
}

/** Lets the app tell every route behind its doors; the answer has those of a door noted. */
export const listGuardedRoutes = (app: FastifyInstance): ((door: FastifyInstance) => void) => {
  const routes: GuardedRoute[] = [];
  app.decorate('guardedRoutes', routes);
  return (door) => {
    door.addHook('onRoute', ({ method, url, config }) => {
      for (const one of [method].flat()) routes.push({ method: one, url, permission: config?.permission ?? {} });
    });
  };
};
