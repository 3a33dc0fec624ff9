import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { webhookSignature } from '../../src/integrations/connector/signature.ts';

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const [old, next] = [secretOf(1), secretOf(2)];
const BODY = '{"type":"attempt.withdraw","attemptId":"cb-1.1"}';

describe('while one secret takes the place of another', () => {
  const now = Date.now(); // the library verifies by the machine's clock
  const signed = webhookSignature(`${next} ${old}`).sign('msg_1', BODY, now);

  it('a message is signed under both, and any Standard Webhooks library takes it by either', () => {
    for (const secret of [old, next]) expect(new Webhook(secret).verify(BODY, signed)).toEqual(JSON.parse(BODY));
    expect(() => new Webhook(secretOf(3)).verify(BODY, signed)).toThrow();
  });
  it('either is enough for who verifies, and no other', () => {
    const { verify } = webhookSignature(`${next} ${old}`);
    for (const secret of [old, next]) expect(verify(webhookSignature(secret).sign('msg_1', BODY, now), BODY, now)).toBe(true);
    expect(verify(webhookSignature(secretOf(3)).sign('msg_1', BODY, now), BODY, now)).toBe(false);
    for (const secret of [old, next]) expect(webhookSignature(secret).verify(signed, BODY, now)).toBe(true);
  });
  it('a secret that is none is told of at once', () => {
    for (const wrong of [`${next}  ${old}`, `${next} `, '', ' ']) expect(() => webhookSignature(wrong)).toThrow();
  });
});

describe('a signature is none', () => {
  const now = Date.parse('2026-03-02T10:00:00.000Z');
  const { sign, verify } = webhookSignature(old);
  const signed = sign('msg_1', BODY, now);
  it.each([
    ['of another body', signed, `${BODY} `, 0],
    ['of another id', { ...signed, 'webhook-id': 'msg_2' }, BODY, 0],
    ['of another time', { ...signed, 'webhook-timestamp': String(now / 1000 + 1) }, BODY, 0],
    ['replayed later than five minutes', signed, BODY, 301_000],
    ['made more than five minutes ahead', signed, BODY, -301_000],
    ['without its version', { ...signed, 'webhook-signature': signed['webhook-signature'].slice(3) }, BODY, 0],
    ['cut short', { ...signed, 'webhook-signature': signed['webhook-signature'].slice(0, -1) }, BODY, 0],
    ['of an unknown version', { ...signed, 'webhook-signature': signed['webhook-signature'].replace('v1,', 'v2,') }, BODY, 0],
    ['that is empty', { ...signed, 'webhook-signature': '' }, BODY, 0],
    ['that is a list', { ...signed, 'webhook-signature': [signed['webhook-signature']] }, BODY, 0],
    ['with a time that is no number', { ...signed, 'webhook-timestamp': 'now' }, BODY, 0],
    ['with a time beyond all', { ...signed, 'webhook-timestamp': '9'.repeat(400) }, BODY, 0],
    ['that isn’t there', {}, BODY, 0],
  ])('%s', (_, headers, body, later) => {
    expect(verify(signed, BODY, now)).toBe(true);
    expect(verify(headers, body, now + later)).toBe(false);
  });
});
