import type { FastifyPluginAsync } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { eachAtOnce } from '../../commands/each-at-once.ts';
import { eraseCallback } from '../../commands/erase.ts';
import { readsBy } from '../auth/reads.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { callbackFailure } from '../errors/refusals.ts';
import { readNumberField } from '../number-field.ts';
import { tellPosition } from '../positions.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { callbackId, isCallbackId, name } from '../schemas/text.ts';
import { callbacksOf } from './callbacks-of.ts';

/** Callbacks erased at once. */
const AT_ONCE = 8;

const person = z.union([z.strictObject({ phoneNumber: name(64) }), z.strictObject({ callbackId })]);
const answer = z.object({
  found: z.int().describe('Callbacks of that person'),
  erased: z.int().describe('Those whose personal data this call erased; the others had none left'),
});

/**
 * POST /erase: the personal data of one person, now (1.13): of one callback, or of all of a number. Cut short, it is repeated: what was
 * erased stays so. A number's callbacks are those of queues that the one who asks reads.
 */
export const erase = (deps: ApiDeps): FastifyPluginAsync => {
  const { commands } = deps;
  const plugin: FastifyPluginAsyncZod = async (app) => {
    app.post(
      '/erase',
      {
        config: { permission: { user: ['access', 'W'] } },
        schema: {
          ...{ tags: ['personal data'], operationId: 'erase', summary: 'Erase the personal data of one person, now and for good' },
          security: [{ token: [] }],
          headers: changeHeaders,
          body: person,
          response: { 200: answer, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const reads = readsBy(request);
        const idsOf = async (): Promise<readonly string[]> => {
          if ('phoneNumber' in body) return callbacksOf(deps, readNumberField(body.phoneNumber).e164, reads);
          if (!isCallbackId(body.callbackId)) throw new Failure('CALLBACK_NOT_FOUND');
          return [body.callbackId];
        };
        const ids = await idsOf();
        let [count, last] = [0, -1n];
        await eachAtOnce(ids, AT_ONCE, async (id) => {
          const erased = await eraseCallback(commands, id, contextOf(request, commands.newId), reads);
          if (!erased.ok) throw callbackFailure(erased.refusal);
          if (erased.erased) count++;
          if (erased.position !== undefined && erased.position > last) last = erased.position;
        });
        if (last >= 0n) tellPosition(reply, last);
        return { found: ids.length, erased: count };
      },
    );
  };
  return plugin;
};
