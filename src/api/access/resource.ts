import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import type { AccessCommand } from '../../domain/access/commands.ts';
import { accessName } from '../../domain/access/names.ts';
import type { Reads } from '../../domain/access/reads.ts';
import type { AccessState } from '../../domain/access/state.ts';
import type { Precondition } from '../../domain/kit/precondition.ts';
import { readsBy } from '../auth/reads.ts';
import { preconditionOf } from '../configuring.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { showLivePosition } from '../positions.ts';
import { guardedHeaders, listHeaders } from '../schemas/headers.ts';
import { carryOut } from './change.ts';
import { byName, namesOn, pageOf } from './page.ts';

type Named = { readonly name?: string | undefined };

/** A kind of thing that is listed, read, put and deleted by its name. */
export type Resource<Body extends Named> = {
  readonly path: string;
  /** As in `listUsers`, `getUser`. */
  readonly one: string;
  readonly many: string;
  readonly shown: z.ZodType<{ etag: string }>;
  readonly body: z.ZodType<Body>;
  readonly all: (state: AccessState) => Iterable<string>;
  readonly show: (state: AccessState, name: string, reads: Reads) => { etag: string };
  readonly put: (
    request: FastifyRequest,
    name: string,
    body: Body,
    guard: { readonly precondition: Precondition; readonly now: string },
  ) => Promise<AccessCommand>;
  readonly remove: (name: string, guard: { readonly precondition: Precondition; readonly now: string }) => AccessCommand;
};

/** GET the list, and GET, PUT and DELETE of one by its name (8.2). */
export const accessResource = <Body extends Named>(deps: ApiDeps, resource: Resource<Body>): FastifyPluginAsyncZod => {
  const { access, commands, liveWaitFor } = deps;
  const { path, one, many, show } = resource;
  const words = one.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
  const described = { tags: ['access'], security: [{ token: [] }] };
  const named = { ...described, params: z.object({ name: accessName }) };
  const view = { permission: { user: ['access', 'R'] } } as const;
  const change = { permission: { user: ['access', 'W'] } } as const;
  const guardOf = (headers: z.output<typeof guardedHeaders>) => ({
    precondition: preconditionOf(headers),
    now: iso(commands.clock.now()),
  });

  return async (app) => {
    app.get(
      path,
      {
        config: view,
        schema: {
          ...described,
          operationId: `list${many}`,
          summary: `Every ${words}, by name`,
          headers: listHeaders,
          querystring: byName,
          response: { 200: pageOf(resource.shown), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        await showLivePosition(reply, { liveWaitFor }, request.headers['x-position']);
        const state = access.current();
        const { names, next, total } = namesOn(resource.all(state), request.query);
        return { items: names.map((name) => show(state, name, readsBy(request))), next, total };
      },
    );
    app.get(
      `${path}/:name`,
      {
        config: view,
        schema: {
          ...named,
          operationId: `get${one}`,
          summary: `One ${words}`,
          response: { 200: resource.shown, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async (request, reply) => {
        const shown = show(access.current(), request.params.name, readsBy(request));
        return reply.header('etag', shown.etag).send(shown);
      },
    );
    app.put(
      `${path}/:name`,
      {
        config: change,
        schema: {
          ...named,
          operationId: `put${one}`,
          summary: `Make or replace one ${words}`,
          headers: guardedHeaders,
          body: resource.body,
          response: { 200: resource.shown, 201: resource.shown, ...failures(400, 401, 403, 409, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        const { name } = request.params;
        // the validator has parsed it by that very schema, which the compiler can't follow through a type parameter
        const body = request.body as Body;
        if (body.name !== undefined && body.name !== name)
          throw new Failure('INVALID_FIELDS', {
            errors: [{ path: 'name', message: 'must be the name in the address, which can’t change' }],
          });
        const guard = guardOf(request.headers);
        const command = await resource.put(request, name, body, guard);
        const { state, changed } = await carryOut(deps, request, reply, command);
        const created = changed && guard.precondition.ifMatch === undefined; // an edit without if-match is refused
        const shown = show(state, name, readsBy(request));
        return reply
          .code(created ? 201 : 200)
          .header('etag', shown.etag)
          .send(shown);
      },
    );
    app.delete(
      `${path}/:name`,
      {
        config: change,
        schema: {
          ...named,
          operationId: `delete${one}`,
          summary: `Delete one ${words}`,
          headers: guardedHeaders,
          response: { 204: z.undefined(), ...failures(400, 401, 403, 404, 409, 412, 428, 500, 503) },
        },
      },
      async (request, reply) => {
        await carryOut(deps, request, reply, resource.remove(request.params.name, guardOf(request.headers)));
        return reply.code(204).send();
      },
    );
  };
};
