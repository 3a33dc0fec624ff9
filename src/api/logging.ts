import type { FastifyInstance } from 'fastify';

/** One line a request: the route and never the address, whose query or path may name a person; no headers, no bodies. */
export const logRequests = (app: FastifyInstance): void => {
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    request.log.info({ route: routeOptions.url ?? 'unknown', method, status: reply.statusCode, ms }, 'request');
  });
};
