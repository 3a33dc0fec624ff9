import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { iso } from '../../clock.ts';
import { signOutEverywhere } from '../../commands/sign-in.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { Failure } from '../errors/failure.ts';
import { tellPosition } from '../positions.ts';
import { changeHeaders } from '../schemas/headers.ts';
import { csrfToken, sessionCookie } from './cookie.ts';
import { credentialCheck, signInBody } from './credentials.ts';
import { isFromOwnPage } from './origin.ts';
import { ownPreferences } from './preferences.ts';
import { signedOutAt } from './proof.ts';
import { reach } from './reach.ts';
import { shownSession, showSession } from './shown.ts';

const LONGEST_WAIT_MS = 2_000;
const tags = ['session'];
const security = [{}, { token: [] }, { session: [] }];

/** Signing in and out, who one is, and what one chose (8.4). */
export const session =
  (deps: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    const { access, commands, signIn, liveWaitFor } = deps;
    const { sessions, publicOrigin } = signIn;
    const { hash } = commands.keys;
    const cookie = sessionCookie(hash, publicOrigin);
    const credentials = credentialCheck(deps);
    app.addHook('onClose', credentials.recorded);
    await app.register(ownPreferences(deps));

    app.get(
      '/session',
      {
        config: { permission: 'anyone' },
        schema: {
          ...{ tags, security, operationId: 'getSession', summary: 'Who asks, and with which permissions' },
          response: { 200: shownSession, ...failures(401, 500, 503) },
        },
      },
      async ({ principal, session: own }) => showSession(principal, own === null ? undefined : csrfToken(hash, own.secret)),
    );
    app.post(
      '/session',
      {
        config: { permission: 'anyone', ignoresCredentials: true },
        schema: {
          ...{ tags, security: [{}], operationId: 'signIn', summary: 'Sign in: a session by cookie, for pages of this service' },
          body: signInBody,
          response: { 201: shownSession, ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        // nobody is to be signed in as somebody else by another's page
        if (isFromOwnPage(request, publicOrigin) === false) throw new Failure('FOREIGN_ORIGIN');
        const { user, proof } = await credentials.check(request.body, request.id, request.log);
        const start = { user: user.id, proof, signedOutAt: signedOutAt(access.current(), user.id) };
        const before = cookie.read(request);
        const secret = await reach(sessions.begin(start));
        if (before !== undefined) await reach(sessions.end(before));
        cookie.set(request, reply, secret);
        return reply.code(201).send(showSession(user, csrfToken(hash, secret)));
      },
    );
    app.delete(
      '/session',
      {
        config: { permission: 'anyone' },
        schema: {
          ...{ tags, security, operationId: 'signOut', summary: 'Sign out; everywhere: end all of one’s sessions' },
          headers: changeHeaders,
          querystring: z.strictObject({ everywhere: z.enum(['true', 'false']).default('false') }),
          response: { 204: z.undefined(), ...failures(400, 401, 403, 500, 503) },
        },
      },
      async (request, reply) => {
        const { principal, session: own } = request;
        if (own !== null) await reach(sessions.end(own.secret));
        if (request.query.everywhere === 'true') {
          if (principal?.kind !== 'user') throw new Failure('SESSION_OVER');
          const at = iso(commands.clock.now());
          const position = await signOutEverywhere(commands.store, principal.id, at, contextOf(request, commands.newId));
          if (position !== undefined) await liveWaitFor(position, LONGEST_WAIT_MS);
          tellPosition(reply, position);
        }
        if (cookie.isSent(request)) cookie.clear(request, reply);
        return reply.code(204).send();
      },
    );
  };
