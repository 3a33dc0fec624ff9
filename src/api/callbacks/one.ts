import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { actor } from '../../domain/kit/events.ts';
import { readsBy } from '../auth/reads.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { recordRead } from '../record-read.ts';
import { callbackRow } from '../schemas/callback.ts';
import { callbackId } from '../schemas/text.ts';
import { askerOf } from './asker.ts';
import { metricsOf } from './metrics.ts';
import { readCallback, readHistory, showCallback } from './read.ts';

const time = z.string().nullable();
const seconds = z.number().nullable();
const change = { at: z.string(), by: actor, reason: z.string().nullable() };

const metrics = z
  .object({
    createdBy: actor.nullable(),
    estimatedWaitWhenBooked: seconds,
    queuedAt: time,
    completedAt: time,
    attempts: z.array(
      z.object({
        attemptId: z.string(),
        attempt: z.int(),
        startedAt: z.string(),
        placedAt: time,
        answeredAt: time,
        connectedAt: time,
        agentId: z.string().nullable(),
        endedAt: time,
        outcome: z.string().nullable(),
      }),
    ),
    rescheduled: z.array(z.object({ ...change, from: z.string(), to: z.string() })),
    cancelled: z.object(change).nullable(),
    durations: z
      .object({ waitingOffline: seconds, connecting: seconds, handling: seconds })
      .describe('Seconds; connecting and handling are of the last attempt'),
  })
  .describe('What its history says; null is what has not come');

const beside = {
  reference: z.string().nullable().describe('Its id in the system that it was taken over from'),
  origin: z.string().nullable().describe('The callback that it was recreated from'),
};

const historyItem = z
  .object({
    position: z.string().describe('Where it lies in the log, as x-position'),
    id: z.string().describe('What the causationId of another fact names'),
    at: z.string(),
    type: z.string(),
    actor,
    reason: z.string().optional(),
    correlationId: z.string(),
    causationId: z.string(),
    data: z.record(z.string(), z.unknown()).describe('Personal fields are null once their key is gone'),
  })
  .meta({ id: 'HistoryItem' });

const params = z.object({ id: callbackId });
const described = { tags: ['callbacks'], security: [{ token: [] }], params };
const config = { permission: { user: ['callbacks', 'R'] } } as const;

/** GET /callbacks/{id} and its history, folded from its own stream. */
export const oneCallback =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/callbacks/:id',
      {
        config,
        schema: {
          ...described,
          operationId: 'getCallback',
          summary: 'One callback with its metrics',
          response: { 200: callbackRow.extend({ ...beside, metrics }), ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request) => {
        const { events, ...read } = await readCallback(deps, request.params.id, readsBy(request));
        const { attempts, rescheduled, ...rest } = metricsOf(events);
        const { queue } = read.callback;
        await recordRead(deps, request, { kind: 'DETAIL', operation: 'getCallback', callbackId: read.id, queue, rows: 1 });
        return {
          ...showCallback(deps, read, askerOf(request)),
          ...{ reference: read.callback.reference, origin: read.callback.origin },
          metrics: { ...rest, attempts: [...attempts], rescheduled: [...rescheduled] },
        };
      },
    );
    app.get(
      '/callbacks/:id/history',
      {
        config,
        schema: {
          ...described,
          operationId: 'getCallbackHistory',
          summary: 'Everything that happened to a callback: when, what, who, why, and through which request',
          response: { 200: z.object({ items: z.array(historyItem) }), ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request) => {
        const { id: callbackId, callback, events } = await readHistory(deps, request.params.id, readsBy(request));
        const { queue } = callback;
        await recordRead(deps, request, { kind: 'DETAIL', operation: 'getCallbackHistory', callbackId, queue, rows: events.length });
        const items = events.map(({ position, id, type, data, metadata }) => {
          const { actor: who, reason, correlationId, causationId } = metadata;
          const why = reason === undefined ? {} : { reason };
          const cause = { correlationId, causationId };
          return { position: position.toString(), id, at: data.at, type, actor: who, ...why, ...cause, data: { ...data } };
        });
        return { items };
      },
    );
  };
