import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type BookingDeps, book } from '../book.ts';
import { failures } from '../errors/body.ts';
import { contractBooking } from '../schemas/booking.ts';
import { envelope, successful } from '../schemas/envelope.ts';
import { bookingHeaders } from '../schemas/headers.ts';

/** POST /callbacks/create: books, now or at the desired time. */
export const create =
  (deps: BookingDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/callbacks/create',
      {
        config: { permission: { client: 'callbacks' } },
        schema: {
          tags: ['contract'],
          operationId: 'createCallback',
          summary: 'Book a callback',
          security: [{ apiKey: [] }],
          headers: bookingHeaders,
          body: contractBooking,
          response: { 200: envelope(z.object({ id: z.string() })), ...failures(400, 401, 403, 409, 429, 500, 503) },
        },
      },
      async (request, reply) => {
        const { id } = await book(deps, request, reply, request.body, request.body.alwaysCheckCapacity);
        return successful(request.id, { id });
      },
    );
  };
