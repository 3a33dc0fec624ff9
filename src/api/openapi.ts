import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

const description = `Books callbacks, sees them made, and keeps their history. \`/engagement/v3\` is the contract of existing clients;
\`/api\` is for users and for programs of our own; \`/contact-center\` is where the contact center reports.
Every failure has the same body, with a code of the table of errors and the correlation id, which is also in the header \`x-correlation-id\`.`;

/** The page's own policy but for the upgrade to https: where the service is reached by plain http, nothing of the page would load. */
const policyOverHttp = (policy: string): string =>
  policy.replace(/\s*upgrade-insecure-requests;?/, '').replace(' validator.swagger.io', '');

/** Describes every route that registers after this, from the very schemas that validate; browsable at /docs. */
export const describeApi = async (app: FastifyInstance, version: string): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Ringback', version, description },
      components: {
        securitySchemes: {
          apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'ringback-session' },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { url: '/docs/openapi.json', validatorUrl: null }, // no badge from outside, which would be told this address
    staticCSP: true,
    transformStaticCSP: policyOverHttp,
  });
  app.get('/docs/openapi.json', { schema: { hide: true } }, async () => app.swagger());
};
