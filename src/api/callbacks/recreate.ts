import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { recreateCallback } from '../../commands/recreate.ts';
import { commandsFor, readsBy } from '../auth/reads.ts';
import { type BookingDeps, proposer, seeFull } from '../book.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { bookingFailure } from '../errors/refusals.ts';
import { idempotencyOf } from '../idempotency.ts';
import { officeClosed } from '../office-closed.ts';
import { tellPosition } from '../positions.ts';
import { callbackRow } from '../schemas/callback.ts';
import { bookingHeaders } from '../schemas/headers.ts';
import { instant } from '../schemas/instant.ts';
import { callbackId, isCallbackId } from '../schemas/text.ts';
import { askerOf, mayChange } from './asker.ts';
import { readCallback, showCallback } from './read.ts';

/** POST /callbacks/{id}/recreate, with a token or an API key: a completed callback becomes a new one (1.9). */
export const recreate =
  (deps: ApiDeps & BookingDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/callbacks/:id/recreate',
      {
        config: { permission: mayChange },
        schema: {
          tags: ['callbacks'],
          operationId: 'recreateCallback',
          summary: 'Book a completed callback anew, now or at a free slot; the new one points at its origin',
          security: [{ token: [] }, { apiKey: [] }],
          params: z.object({ id: callbackId }),
          headers: bookingHeaders,
          body: z.strictObject({ desiredTime: instant.optional().describe('Absent: now') }).default({}),
          response: { 201: callbackRow, ...failures(400, 401, 403, 404, 409, 429, 500, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        if (!isCallbackId(id)) throw new Failure('CALLBACK_NOT_FOUND');
        const { desiredTime = null } = request.body;
        const commands = commandsFor(deps.commands, request);
        const { principal } = request;
        const wish = {
          desiredTime,
          checked: principal?.kind === 'user' && desiredTime !== null && desiredTime > commands.clock.now(),
          ...{
            reads: readsBy(request),
            idempotency: idempotencyOf(request),
            limits: principal?.kind === 'client' ? principal.limits : null,
          },
        };
        const recreated = await recreateCallback(commands, id, wish, contextOf(request, commands.newId));
        if (!recreated.ok) {
          const { refusal } = recreated;
          await seeFull(deps, refusal);
          if (refusal.code === 'PERSONAL_DATA_GONE') throw new Failure('PERSONAL_DATA_GONE');
          if (refusal.code === 'NOT_COMPLETED') throw new Failure('RECREATE_FORBIDDEN', { values: { state: refusal.state } });
          if (refusal.code === 'OFFICE_CLOSED') throw officeClosed();
          throw bookingFailure(refusal, proposer(deps));
        }
        tellPosition(reply, recreated.position);
        const shown = showCallback(deps, await readCallback(deps, recreated.id, readsBy(request)), askerOf(request));
        return reply.code(201).header('location', `/api/callbacks/${recreated.id}`).send(shown);
      },
    );
  };
