import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { commandsFor, readsBy } from '../auth/reads.ts';
import { type BookingDeps, book } from '../book.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { userBooking } from '../schemas/booking.ts';
import { callbackRow } from '../schemas/callback.ts';
import { bookingHeaders } from '../schemas/headers.ts';
import { askerOf } from './asker.ts';
import { readCallback, showCallback } from './read.ts';

/** POST /callbacks: books as a user, who names a free slot when the desired time lies ahead (1.5). */
export const bookAsUser =
  (deps: ApiDeps & BookingDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/callbacks',
      {
        config: { permission: { user: ['callbackChanges', 'W'] } },
        schema: {
          tags: ['callbacks'],
          operationId: 'bookCallback',
          summary: 'Book a callback as a user',
          security: [{ token: [] }],
          headers: bookingHeaders,
          body: userBooking,
          response: { 201: callbackRow, ...failures(400, 401, 403, 409, 429, 500, 503) },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const ahead = body.desiredTime !== undefined && body.desiredTime > deps.commands.clock.now();
        const { id } = await book(
          { ...deps, commands: commandsFor(deps.commands, request) },
          request,
          reply,
          body,
          body.alwaysCheckCapacity || ahead,
        );
        const shown = showCallback(deps, await readCallback(deps, id, readsBy(request)), askerOf(request));
        return reply.code(201).header('location', `/api/callbacks/${id}`).send(shown);
      },
    );
  };
