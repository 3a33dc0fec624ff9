import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** What the API counts. Labels never name a person: routes are patterns. */
export type ApiMetrics = {
  readonly registry: Registry;
  /** Counts one booking asked for: by whom, and how it ended (`booked`, or the name of the error). */
  readonly booking: (by: 'client' | 'user', result: string) => void;
  /** Counts one booking refused because an API key had booked its most: under the key's name. */
  readonly limitReached: (apiKey: string, limit: 'number' | 'queue') => void;
};

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics of one app, and of the process where `registry` isn't given. */
export const apiMetrics = (given?: Registry): ApiMetrics => {
  const registry = given ?? new Registry();
  if (given === undefined) collectDefaultMetrics({ register: registry });
  const bookings = new Counter({
    name: 'ringback_bookings_total',
    help: 'Bookings asked for, by who asked and how it ended',
    labelNames: ['by', 'result'],
    registers: [registry],
  });
  const limits = new Counter({
    name: 'ringback_booking_limits_reached_total',
    help: 'Bookings refused because an API key had booked its most for the number or the queue',
    labelNames: ['api_key', 'limit'],
    registers: [registry],
  });
  return {
    registry,
    booking: (by, result) => bookings.inc({ by, result }),
    limitReached: (api_key, limit) => limits.inc({ api_key, limit }),
  };
};

/** Measures every request, and serves the figures at /metrics. */
export const serveMetrics = (app: FastifyInstance, { registry }: ApiMetrics): void => {
  const duration = new Histogram({
    name: 'ringback_http_request_duration_seconds',
    help: 'Time from a request’s arrival to the end of its answer, by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: seconds,
    registers: [registry],
  });
  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    duration.observe({ route: routeOptions.url ?? 'unknown', method, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
  app.get(
    '/metrics',
    { schema: { tags: ['operations'], operationId: 'getMetrics', summary: 'Metrics for Prometheus' } },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
};
