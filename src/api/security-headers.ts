import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

const ONE_YEAR_SECONDS = 31_536_000;

/** What a browser may do with an answer that is data: nothing. */
const none = ["'none'"];
const policy = { 'default-src': none, 'base-uri': none, 'form-action': none, 'frame-ancestors': none };

/** What of it matters where an answer is written before any hook has run. */
export const headersOfData: Readonly<Record<string, string>> = {
  'content-security-policy': Object.entries(policy)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join(';'),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/**
 * Security headers on every answer. What the API answers is data: a browser that shows it as a page loads and runs nothing. The page at
 * /docs has a policy of its own. Browsers keep to https only where they come by https.
 */
export const sendSecurityHeaders = async (app: FastifyInstance, publicOrigin: string | undefined): Promise<void> => {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: policy,
    },
    strictTransportSecurity: publicOrigin?.startsWith('https:') === true ? { maxAge: ONE_YEAR_SECONDS, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  });
};
