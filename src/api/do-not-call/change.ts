import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { entryOf, type ListChanged, listNumbers, unlist } from '../../commands/do-not-call.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { readNumberField } from '../number-field.ts';
import { LONGEST_WAIT_MS, tellPosition } from '../positions.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { name } from '../schemas/text.ts';
import { masked } from './masked.ts';
import { readNumbers } from './numbers.ts';

/** A list of a million numbers. */
const FILE_LIMIT = 32 * 1024 * 1024;

const number = z.strictObject({ phoneNumber: name(64) });
const entry = z.object({ id: z.string(), phoneNumber: z.string().describe('Most of its digits hidden') });
const config = { permission: { user: ['queueSettings', 'W'] } } as const;
const described = { tags: ['do not call'], security: [{ token: [] }], headers: changeHeaders };
const oneOf = z.union([number, z.strictObject({ id: name(100) })]);

/** PUT, POST and DELETE /do-not-call (7.5). A change holds on this node before it is answered. */
export const changeDoNotCall = ({ commands, doNotCall, liveWaitFor }: ApiDeps): FastifyPluginAsync => {
  const tell = async (reply: FastifyReply, { position }: ListChanged): Promise<void> => {
    if (position === undefined) return;
    await liveWaitFor(position, LONGEST_WAIT_MS);
    tellPosition(reply, position);
  };
  const plugin: FastifyPluginAsyncZod = async (app) => {
    app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => body);
    app.put(
      '/do-not-call',
      {
        config,
        bodyLimit: FILE_LIMIT,
        schema: {
          ...described,
          operationId: 'replaceDoNotCall',
          summary: 'Make these all the numbers that nobody may call: a JSON list, or text/csv with them in its first column',
          consumes: ['application/json', 'text/csv'],
          body: z.union([z.array(name(64)), z.instanceof(Buffer)]).meta({ type: 'array', items: { type: 'string' } }),
          response: { 200: z.object({ total: z.int(), added: z.int(), removed: z.int() }), ...failures(400, 401, 403, 413, 415, 500, 503) },
        },
      },
      async (request, reply) => {
        const numbers = await readNumbers(request.body);
        const last = await commands.store.lastPosition();
        if (last !== undefined && !(await liveWaitFor(last, LONGEST_WAIT_MS))) throw new Failure('NOT_READY');
        const changed = await listNumbers(commands, 'ReplaceEntries', numbers, contextOf(request, commands.newId), doNotCall.parts());
        await tell(reply, changed);
        return { total: numbers.size, added: changed.added, removed: changed.removed };
      },
    );
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
