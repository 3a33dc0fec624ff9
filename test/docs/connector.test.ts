import { describe, expect, test } from 'vitest';
import { flowReport } from '../../src/api/contact-center/flow.ts';
import { regionsReport } from '../../src/api/contact-center/regions.ts';
import { failingOutcomes } from '../../src/domain/callback/events.ts';
import { connectorMessage } from '../../src/integrations/connector/messages.ts';
import { webhookId, webhookSignature } from '../../src/integrations/connector/signature.ts';
import { agentReport } from '../../src/live/agent-report.ts';
import { read } from './read.ts';

const page = read('docs/connector.md');
const examples = [...page.matchAll(/```(?:json|http)\n(?:POST [\s\S]*?\n\n)?(\{[\s\S]*?)```/g)].map(([, text = '']): unknown =>
  JSON.parse(text),
);

describe('docs/connector.md', () => {
  test('shows messages as they are sent, and reports as they are taken', () => {
    const [place, withdraw, agents, flow, regions] = examples;
    expect(connectorMessage.parse(place)).toEqual(place);
    expect(connectorMessage.parse(withdraw)).toEqual(withdraw);
    expect(agentReport.parse(agents)).toEqual(agents);
    const at = Date.parse;
    const waiting = [{ enteredAt: at('2026-11-21T12:51:20.000Z'), priority: 0 }];
    const queues = [{ queue: 'demo', waiting, distributedAt: [at('2026-11-21T12:51:02.000Z')] }];
    expect(flowReport.parse(flow)).toMatchObject({ source: 'pbx-1', full: true, queues });
    expect(regionsReport.parse(regions)).toEqual(regions);
    expect(examples).toHaveLength(5);
  });

  test('shows the headers that a message carries', () => {
    const headers = webhookSignature('whsec_c2VjcmV0').sign('msg_1', '{}', 0);
    for (const name of Object.keys(headers)) expect(page).toContain(`\n${name}: `);
    const [, id = ''] = /webhook-id: (\S+)/.exec(page) ?? [];
    const [, attemptId = ''] = /"attemptId": "([^"]+)"/.exec(page) ?? [];
    expect(id).toBe(webhookId({ type: 'attempt.place', attemptId }));
  });

  test('names each outcome that can be reported', () => {
    const reportable = failingOutcomes.filter((outcome) => outcome !== 'TIMEOUT');
    expect(reportable.filter((outcome) => !new RegExp(`\\b${outcome}\\b`).test(page))).toEqual([]);
  });

  test('verifies signatures as it says', async () => {
    const [, code = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
    const { isFromRingback } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    const [secret, other, now, body] = ['whsec_c2VjcmV0', 'whsec_b3RoZXI=', Date.parse('2026-03-02T10:00:00.000Z'), '{"é":1}'];
    const signed = webhookSignature(secret).sign('msg_1', body, now);
    expect(isFromRingback(secret, signed, body, now + 300_000)).toBe(true);
    expect(isFromRingback(secret, webhookSignature(`${other} ${secret}`).sign('msg_1', body, now), body, now)).toBe(true);
    expect(isFromRingback(other, signed, body, now)).toBe(false);
    expect(isFromRingback(secret, signed, `${body} `, now)).toBe(false);
    expect(isFromRingback(secret, signed, body, now + 301_000)).toBe(false);
    expect(isFromRingback(secret, {}, body, now)).toBe(false);
    expect(isFromRingback(secret, { ...signed, 'webhook-signature': 'é'.repeat(47) }, body, now)).toBe(false);
  });
});
