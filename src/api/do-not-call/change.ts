import type { FastifyPluginAsync } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { entryOf, listNumbers, unlist } from '../../commands/do-not-call.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { readNumberField } from '../number-field.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { name } from '../schemas/text.ts';
import { masked } from './masked.ts';
import { telling } from './telling.ts';

const number = z.strictObject({ phoneNumber: name(64) });
const entry = z.object({ id: z.string(), phoneNumber: z.string().describe('Most of its digits hidden') });
const config = { permission: { user: ['queueSettings', 'W'] } } as const;
const described = { tags: ['do not call'], security: [{ token: [] }], headers: changeHeaders };
const oneOf = z.union([number, z.strictObject({ id: name(100) })]);

/** POST and DELETE /do-not-call (7.5). A change holds on this node before it is answered. */
export const changeDoNotCall = (deps: ApiDeps): FastifyPluginAsync => {
  const { commands } = deps;
  const tell = telling(deps);
  const plugin: FastifyPluginAsyncZod = async (app) => {
    app.post(
      '/do-not-call',
      {
        config,
        schema: {
          ...described,
          ...{ operationId: 'addDoNotCall', summary: 'List a number that nobody may call' },
          body: number,
          response: { 200: entry, 201: entry, ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { e164 } = readNumberField(request.body.phoneNumber);
        const changed = await listNumbers(commands, 'AddEntries', [e164], contextOf(request, commands.newId));
        await tell(reply, changed);
        return reply.code(changed.added > 0 ? 201 : 200).send({ id: entryOf(commands.keys.hash, e164), phoneNumber: masked(e164) });
      },
    );
    app.delete(
      '/do-not-call',
      {
        config,
        schema: {
          ...described,
          ...{ operationId: 'removeDoNotCall', summary: 'Take a number off the list, by itself or by the id of its entry' },
          body: oneOf,
          response: { 204: z.null().describe('It may be called again'), ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const id = 'id' in body ? body.id : entryOf(commands.keys.hash, readNumberField(body.phoneNumber).e164);
        if (!/^[\w-]{43}$/.test(id)) throw new Failure('DO_NOT_CALL_ENTRY_NOT_FOUND');
        const changed = await unlist(commands, id, contextOf(request, commands.newId));
        if (changed.removed === 0) throw new Failure('DO_NOT_CALL_ENTRY_NOT_FOUND');
        await tell(reply, changed);
        return reply.code(204).send(null);
      },
    );
  };
  return plugin;
};
