import cookie from '@fastify/cookie';
import fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import { v1 } from 'uuid';
import { z } from 'zod';
import { access } from './access/index.ts';
import { noteKeyUses } from './access/key-uses.ts';
import { asOf } from './audit/as-of.ts';
import { auditTrail } from './audit/trail.ts';
import { decorateRequests, guard, principals } from './auth/authenticate.ts';
import { allowOrigin, answerPreflights } from './auth/cors.ts';
import { apiDoor, contactCenterDoor, contractDoor, type Door } from './auth/doors.ts';
import { listGuardedRoutes } from './auth/guarded-routes.ts';
import { businessHoursRoutes } from './business-hours/index.ts';
import { callbacks } from './callbacks/index.ts';
import { configurationRoutes } from './configuration/index.ts';
import { contactCenter } from './contact-center/index.ts';
import type { ApiDeps } from './deps.ts';
import { doNotCall } from './do-not-call/index.ts';
import { engagement } from './engagement/index.ts';
import { erase } from './erase/index.ts';
import { Failure } from './errors/failure.ts';
import { errorHandler } from './errors/handler.ts';
import { errorsOfQueries } from './errors-list/index.ts';
import { countUnlisted } from './errors-list/metrics.ts';
import { noteInto } from './errors-list/note.ts';
import { finishBeforeClosing } from './finish-before-closing.ts';
import { health } from './health.ts';
import { keepBodies } from './idempotency.ts';
import { readJsonBodies } from './json-body.ts';
import { logRequests } from './logging.ts';
import { apiMetrics, serveMetrics } from './metrics.ts';
import { notFoundHandler } from './not-found.ts';
import { describeApi } from './openapi.ts';
import { operations } from './operations/index.ts';
import { settingsOfQueues } from './queue-settings/index.ts';
import { queueList } from './queues/index.ts';
import { waitingLine } from './queues/line.ts';
import { rules } from './rules/index.ts';
import { sendSecurityHeaders } from './security-headers.ts';
import { CLOSING_LIMIT_MS, type ConnectionLimits, type Notes, READ_LIMIT_MS, serverOptions } from './server-options.ts';
import { byCookie } from './session/by-cookie.ts';
import { session } from './session/index.ts';
import { stopSwitch } from './stop/index.ts';
import { turnTaker } from './take-turns.ts';
import { validatorCompiler } from './validation.ts';

/**
 * `version` is shown in the API's description. `registry`: where metrics are kept; without one the app makes its own, and adds those of
 * the process. `newCorrId` mints correlation ids, by default UUIDs of version 1. `limits` shortens how long a request may take to arrive.
 */
export type ApiOptions = {
  readonly version: string;
  readonly registry?: Registry;
  readonly newCorrId?: () => string;
  readonly limits?: ConnectionLimits;
};

/** What every answer carries, also those to requests that no route takes. A service that is closing takes no more, and finishes what it took. */
const answerAlike = (app: FastifyInstance): void => {
  let closing = false;
  finishBeforeClosing(app, CLOSING_LIMIT_MS);
  const takeTurn = turnTaker();
  app.addHook('onRequest', (_request, _reply, done) => takeTurn(done));
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onRequest', async ({ id }, reply) => {
    reply.headers({ 'x-correlation-id': id, 'cache-control': 'no-store' });
    if (closing) throw new Failure('SHUTTING_DOWN', { headers: { connection: 'close' } });
  });
};

/** Our own API refuses what it doesn't know, also where a route names no parameters. */
const refuseUnknownParameters = (app: FastifyInstance): void => {
  app.addHook('onRoute', (route) => {
    route.schema = { querystring: z.strictObject({}), ...route.schema };
  });
};

const limitReads = (app: FastifyInstance): void => {
  app.addHook('onRoute', (route) => {
    if (route.method === 'GET') route.handlerTimeout ??= READ_LIMIT_MS;
  });
};

/** An app that answers every request alike, in the one error body, with nothing behind it yet. */
const bareApp = (log: ApiDeps['log'], newCorrId: () => string, notes: Notes, limits?: ConnectionLimits) => {
  const app: FastifyInstance = fastify(serverOptions(log, newCorrId, notes, limits));
  const notFound = notFoundHandler(app);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(errorHandler(notes.failed));
  app.setNotFoundHandler(notFound);
  decorateRequests(app);
  return { app, notFound };
};

/** What a node answers that serves no API: health and metrics. */
export const buildHealth = async (
  deps: Pick<ApiDeps, 'log' | 'notReady'>,
  { registry, newCorrId = () => v1() }: Omit<ApiOptions, 'version'>,
): Promise<FastifyInstance> => {
  const { app } = bareApp(deps.log, newCorrId, { failed: () => undefined, unreadable: () => undefined });
  answerAlike(app);
  await sendSecurityHeaders(app, undefined);
  logRequests(app);
  serveMetrics(app, apiMetrics(registry));
  await app.register(health(deps));
  await app.ready();
  return app;
};

/** The whole HTTP side of the service, ready to listen: the contract, our own API, the contact center's reports, health, metrics and description. */
export const buildApi = async (deps: ApiDeps, options: ApiOptions): Promise<FastifyInstance> => {
  const { version, registry, newCorrId = () => v1(), limits } = options;
  const { app, notFound } = bareApp(deps.log, newCorrId, noteInto(deps), limits);
  const metrics = apiMetrics(registry);
  const withMetrics = { ...deps, metrics };
  countUnlisted(metrics.registry, deps.errorsList);
  const find = principals(deps.access, deps.commands.keys.hash, deps.commands.clock, deps.signIn.provider);
  const bySession = byCookie(deps);
  const noteRoutes = listGuardedRoutes(app);
  readJsonBodies(app);
  keepBodies(app);
  answerAlike(app);
  await sendSecurityHeaders(app, deps.signIn.publicOrigin);
  logRequests(app);
  limitReads(app);
  await describeApi(app, version);
  serveMetrics(app, metrics);
  await app.register(health(deps));

  const behind = (door: Door, strict: boolean, ...plugins: FastifyPluginAsync[]) =>
    app.register(
      async (scope) => {
        if (door.cookie === true) await scope.register(cookie);
        noteRoutes(scope);
        answerPreflights(scope, deps.access, deps.commands.clock.now);
        guard(scope, door, find, bySession);
        allowOrigin(scope);
        noteKeyUses(scope, deps.keyUses, deps.commands.clock.now);
        scope.setNotFoundHandler(notFound);
        if (strict) refuseUnknownParameters(scope);
        for (const plugin of plugins) await scope.register(plugin);
      },
      { prefix: door.prefix },
    );
  await behind(contractDoor, false, engagement(withMetrics));
  await behind(
    apiDoor,
    true,
    callbacks(withMetrics),
    settingsOfQueues(deps),
    businessHoursRoutes(deps),
    configurationRoutes(deps),
    queueList(deps),
    waitingLine(deps),
    rules(deps),
    stopSwitch(deps),
    asOf(deps),
    auditTrail(deps),
    operations(deps),
    errorsOfQueries(deps),
    session(deps),
    access(deps),
    erase(deps),
    doNotCall(deps),
  );
  await behind(contactCenterDoor, true, contactCenter(deps));
  await app.ready();
  return app;
};
