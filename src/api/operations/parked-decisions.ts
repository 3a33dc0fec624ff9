import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { operate } from '../../commands/operate.ts';
import { readsBy } from '../auth/reads.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { tellPosition } from '../positions.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { name } from '../schemas/text.ts';

const entry = z.strictObject({ process: name(200), instance: name(200), entry: name(200), cause: name(200) });
const decisions = [
  { path: 'retry', command: 'RetryEntry', operationId: 'retryParked', summary: 'Give a parked entry all its tries again' },
  { path: 'drop', command: 'DropEntry', operationId: 'dropParked', summary: 'Never try a parked entry again' },
] as const;

/** POST /operations/parked/retry and /drop: an operator's decision, kept as a fact with who and why; a repeat does nothing. */
export const decideParked =
  ({ parked, commands }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    for (const { path, command, operationId, summary } of decisions) {
      app.post(
        `/operations/parked/${path}`,
        {
          config: { permission: { user: ['operations', 'W'] } },
          schema: {
            ...{ tags: ['operations'], operationId, summary },
            security: [{ token: [] }],
            headers: changeHeaders,
            body: entry,
            response: { 200: entry, ...failures(400, 401, 403, 409, 500, 503) },
          },
        },
        async (request, reply) => {
          const { body } = request;
          const isParked = await parked.isParked(body, readsBy(request));
          const decided = await operate(
            commands.store,
            { type: command, parked: body, isParked, now: iso(commands.clock.now()) },
            contextOf(request, commands.newId),
          );
          if (!decided.ok) throw new Failure('ENTRY_NOT_PARKED');
          tellPosition(reply, decided.position);
          return body;
        },
      );
    }
  };
