import { createHash, timingSafeEqual } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { ConnectorMessage } from './messages.ts';

export type SignedHeaders = Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>>;

/** How far a timestamp may lie from the verifier's clock, in ms. */
export const webhookToleranceMs = 300_000;

/** The webhook's id: the same for a repeat of the same message, and free of full stops, which separate the signed parts. */
export const webhookId = ({ type, attemptId }: Pick<ConnectorMessage, 'type' | 'attemptId'>): string =>
  `msg_${createHash('sha256').update(`${type}\n${attemptId}`).digest('base64url').slice(0, 32)}`;

/**
 * Signs and verifies Standard Webhooks under `secret` (`whsec_` and base64; throws when it isn't), or under several with spaces between them,
 * while one takes the place of another: a message is signed under each, and one of them is enough. Instants are the injected clock's, on both
 * sides: the timestamp header is `now` in whole seconds, and a verifier tolerates `toleranceMs` (five minutes) against the same clock. The
 * library's own `verify` measures against the time of day, so only its signing is used here.
 */
export const webhookSignature = (secret: string, toleranceMs = webhookToleranceMs) => {
  const webhooks = secret.split(' ').map((one) => new Webhook(one));
  const signaturesOf = (id: string, at: number, body: string): string[] => webhooks.map((webhook) => webhook.sign(id, new Date(at), body));
  return {
    sign: (id: string, body: string, now: number): SignedHeaders => ({
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now / 1000)),
      'webhook-signature': signaturesOf(id, now, body).join(' '),
    }),

    /** True when one of the signatures is ours for this body and the timestamp lies within the tolerance of `now` (epoch ms). */
    verify: (headers: Readonly<Record<string, unknown>>, body: string, now: number): boolean => {
      const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
      if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false;
      if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Math.floor(now / 1000) - Number(timestamp)) * 1000 > toleranceMs) return false;
      const expected = signaturesOf(id, Number(timestamp) * 1000, body).map((one) => Buffer.from(one));
      return signatures.split(' ').some((signature) => {
        const given = Buffer.from(signature);
        return expected.some((one) => given.length === one.length && timingSafeEqual(given, one));
      });
    },
  };
};
