import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { iso } from '../../../src/clock.ts';
import type { ConnectorMessage } from '../../../src/integrations/connector/messages.ts';
import { type SignedHeaders, webhookId, webhookSignature, webhookToleranceMs } from '../../../src/integrations/connector/signature.ts';
import { startWebhookServer } from '../../../src/integrations/simulator/server.ts';
import { manualClock } from '../../support/manual-clock.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const START = Date.parse('2026-03-02T10:00:00.000Z');

const clock = manualClock(START);
const received: ConnectorMessage[] = [];
let server: Awaited<ReturnType<typeof startWebhookServer>>;
beforeAll(async () => {
  server = await startWebhookServer({
    ...{ port: 0, secret: SECRET, clock, toleranceMs: webhookToleranceMs, log: pino({ level: 'silent' }) },
    receive: (message) => {
      received.push(message);
      return { status: 200, body: { result: 'PLACED' } };
    },
  });
});
afterAll(() => server.close());
beforeEach(() => {
  received.length = 0;
});

const message: ConnectorMessage = {
  ...{ type: 'attempt.place', attemptId: 'cb-1.1', placeBy: iso(START + 10_000), callbackId: 'cb-1', queue: 'demo' },
  ...{ phoneNumber: '+15105550100', displayName: null, displayNumber: null, routePoint: null, region: null, userData: {} },
};
const body = JSON.stringify(message);
const sign = (now = clock.now(), secret = SECRET): SignedHeaders => webhookSignature(secret).sign(webhookId(message), body, now);
const send = async (text: string, headers: Readonly<Record<string, string>>): Promise<number> => {
  const { status } = await fetch(server.url, { method: 'POST', body: text, headers: { ...headers } });
  return status;
};

it('a message as it was signed is received', async () => {
  expect(await send(body, sign())).toBe(200);
  expect(received).toEqual([message]);
});

it('one of which any character was altered, in the body or in what is signed beside it, is not', async () => {
  const signed = sign();
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'body'] as const;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.constantFrom(...'0123456789abcXYZ+/=.'), async (name, at, letter) => {
      const text = name === 'body' ? body : signed[name];
      const place = name === 'webhook-signature' ? 3 + (at % (text.length - 4)) : at % text.length; // beside "v1," and the last letter, whose spare bits say nothing
      fc.pre(text[place] !== letter);
      const altered = text.slice(0, place) + letter + text.slice(place + 1);
      expect(await (name === 'body' ? send(altered, signed) : send(body, { ...signed, [name]: altered }))).toBe(401);
    }),
    { numRuns: 150 },
  );
  expect(received).toEqual([]);
});

it('a captured one is refused once it is older than the tolerance, whatever time it then claims', async () => {
  const captured = sign();
  await clock.advanceBy(webhookToleranceMs + 1_000);
  expect(await send(body, captured)).toBe(401);
  expect(await send(body, { ...captured, 'webhook-timestamp': String(Math.floor(clock.now() / 1000)) })).toBe(401);
  expect(await send(body, sign(clock.now() + webhookToleranceMs + 1_000))).toBe(401);
  expect(received).toEqual([]);
});

it.each([
  ['no headers', () => ({})],
  ['no signature', () => ({ ...sign(), 'webhook-signature': '' })],
  ['an empty one', () => ({ ...sign(), 'webhook-signature': 'v1,' })],
  ['that of another secret', () => sign(clock.now(), `whsec_${Buffer.alloc(32, 8).toString('base64')}`)],
  ['that of another message', () => webhookSignature(SECRET).sign('msg_other', `${body} `, clock.now())],
  ['another version’s', () => ({ ...sign(), 'webhook-signature': sign()['webhook-signature'].replace('v1,', 'v0,') })],
  [
    'a hundred wrong ones',
    () => ({
      ...sign(),
      'webhook-signature': Array.from({ length: 100 }, (_, n) => `v1,${Buffer.alloc(32, n).toString('base64')}`).join(' '),
    }),
  ],
  ['a time that is none', () => ({ ...sign(), 'webhook-timestamp': 'NaN' })],
  ['a time in hexadecimal', () => ({ ...sign(), 'webhook-timestamp': `0x${Math.floor(clock.now() / 1000).toString(16)}` })],
])('one with %s is refused', async (_, headers) => {
  expect(await send(body, headers())).toBe(401);
  expect(received).toEqual([]);
});

it('a replay within the tolerance has the same id and attempt, by which a receiver knows it', async () => {
  const captured = sign();
  expect([await send(body, captured), await send(body, captured)]).toEqual([200, 200]);
  expect(new Set(received.map(webhookId)).size).toBe(1);
});
