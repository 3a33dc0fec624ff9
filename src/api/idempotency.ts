import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { BookingRequest } from '../commands/book.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as it came, in a form that doesn't depend on the order of keys; null without an Idempotency-Key. */
    canonicalBody: string | null;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

const sorted = (_key: string, value: unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

/** JSON with sorted keys, without the CAPTCHA token: a repeat needs another one (1.6). */
export const canonicalJson = (body: unknown): string => {
  if (!isObject(body)) return JSON.stringify(body) ?? '';
  const { captchaToken: _, ...rest } = { captchaToken: undefined, ...body };
  return JSON.stringify(rest, sorted);
};

/** Keeps the body of requests under an Idempotency-Key as it came, before validation reads it. */
export const keepBodies = (app: FastifyInstance): void => {
  app.decorateRequest('canonicalBody', null);
  app.addHook('preValidation', async (request) => {
    if (request.headers['idempotency-key'] !== undefined) request.canonicalBody = canonicalJson(request.body);
  });
};

/** Whose key it is, and what came with it; null without one. */
export const idempotencyOf = ({ headers, canonicalBody, actor }: FastifyRequest): BookingRequest['idempotency'] => {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string' || canonicalBody === null || actor === null) return null;
  return { owner: `${actor.kind}:${actor.id}`, key, body: canonicalBody };
};
