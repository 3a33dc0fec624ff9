import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from './errors/failure.ts';

type Route = { readonly method: string; readonly pattern: RegExp };

const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replace(/\*$/, '.*')}$`,
  );

/** Notes every route of the app, and answers what none of them does: 405 where another method would do, else 404. */
export const notFoundHandler = (app: FastifyInstance) => {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, pattern: patternOf(url) });
  });
  return (request: FastifyRequest, _reply: FastifyReply): never => {
    const path = request.url.replace(/\?.*/s, '');
    const methods = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))].sort().join(', ');
    if (methods === '') throw new Failure('ROUTE_NOT_FOUND');
    throw new Failure('METHOD_NOT_ALLOWED', { values: { methods }, headers: { allow: methods } });
  };
};
