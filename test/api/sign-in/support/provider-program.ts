/** A real OpenID provider, a program of its own on 127.0.0.1, with its clock and keys as the parent says. Ends with its parent's channel. */
import { createServer } from 'node:http';
import type { Configuration } from 'oidc-provider';
import { z } from 'zod';

/** Users are clients that sign in by themselves: of a token it only matters what is in it. */
const begin = z.object({
  start: z.number(),
  audience: z.string(),
  keys: z.array(z.looseObject({ kty: z.string() })),
  users: z.record(z.string(), z.record(z.string(), z.unknown())),
});
const change = z.object({ keys: begin.shape.keys });

const first = await new Promise<z.output<typeof begin>>((resolve) => process.once('message', (message) => resolve(begin.parse(message))));
const behindMs = Date.now() - first.start;
const realNow = Date.now;
Date.now = () => realNow() - behindMs;
const { default: Provider } = await import('oidc-provider');

const server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const address = server.address();
const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

const answering = (keys: z.output<typeof begin>['keys']) => {
  const settings: Configuration = {
    jwks: { keys: keys as never }, // private JWKs, as the test made them
    clients: Object.keys(first.users).map((id) => ({
      ...{ client_id: id, client_secret: 'secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] },
      id_token_signed_response_alg: 'ES256',
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, audience) => ({
          ...{ scope: 'callbacks', audience, accessTokenFormat: 'jwt', accessTokenTTL: 600 },
          jwt: { sign: { alg: 'ES256' } },
        }),
        defaultResource: () => first.audience,
      },
    },
    extraTokenClaims: (_context, token) => first.users[token.clientId ?? ''],
  };
  return new Provider(issuer, settings).callback();
};
let answer = answering(first.keys);
process.on('message', (message) => {
  answer = answering(change.parse(message).keys);
  process.send?.({ changed: true });
});
process.once('disconnect', () => process.exit(0));
process.send?.({ issuer });
