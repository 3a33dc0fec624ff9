import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { connectorBreaker } from '../../src/integrations/connector/breaker.ts';
import { type ConnectorResult, connectorClient } from '../../src/integrations/connector/client.ts';
import { deferred } from '../support/deferred.ts';
import { manualClock } from '../support/manual-clock.ts';

const start = Date.parse('1999-03-01T08:00:00Z');
const placementOf = (callbackId: string) => ({
  ...{ attemptId: `${callbackId}.1`, placeBy: '1999-03-01T08:00:10.000Z', callbackId, queue: 'demo', phoneNumber: '+12125550142' },
  ...{ displayName: null, displayNumber: null, routePoint: null, region: null, userData: {} },
});

/** A contact center that failed until its circuit opened, and holds its answer to the message that tests it. */
const testing = async () => {
  const center = { isUp: false, sent: [] as string[] };
  const answer = deferred();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (!center.isUp) return void response.writeHead(503).end();
    center.sent.push(JSON.parse(body).attemptId);
    await answer.promise;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = connectorClient({
    ...{ url: `http://127.0.0.1:${address.port}/calls`, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
    ...{ clock: manualClock(start), timeoutMs: 60_000, breaker: connectorBreaker({ firstPauseMs: 1 }) },
  });
  onTestFinished(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  for (let n = 0; n < 5; n++) await client.withdraw({ attemptId: `cb-0.${n}` });
  center.isUp = true;
  const tests: Promise<ConnectorResult>[] = [];
  let isUnderWay = false;
  await expect
    .poll(
      () => {
        if (isUnderWay) return center.sent;
        isUnderWay = true;
        const over = () => {
          isUnderWay = false;
        };
        tests.push(client.place(placementOf('cb-1')).finally(over));
        return center.sent;
      },
      { timeout: 30_000 },
    )
    .toEqual(['cb-1.1']);
  return { center, client, answer, test: () => tests.at(-1) };
};

it.each([
  ['isn’t sent when it mustn’t go out any more', { kind: 'refused', status: 0, reason: 'DIALING_STOPPED' } as const, ['cb-1.1']],
  ['is sent when nothing has changed', undefined, ['cb-1.1', 'cb-2.1']],
])('a placement that waits for the one which tests an open circuit %s', async (_, instead, sent) => {
  const { center, client, answer, test } = await testing();
  let asked = 0;
  const held = client.place(placementOf('cb-2'), undefined, async () => {
    asked++;
    return instead;
  });
  expect(asked).toBe(0);
  answer.resolve();
  expect(await test()).toEqual({ kind: 'accepted' });
  expect(await held).toEqual(instead ?? { kind: 'accepted' });
  expect([asked, center.sent]).toEqual([1, sent]);
});

it('a placement that goes out at once isn’t asked about again', async () => {
  const { client, answer, test } = await testing();
  answer.resolve();
  await test();
  const refuses = async () => ({ kind: 'refused', status: 0, reason: 'DIALING_STOPPED' }) as const;
  expect(await client.place(placementOf('cb-3'), undefined, refuses)).toEqual({ kind: 'accepted' });
});

it('a contact center is taken for down until the message that tests it was taken', async () => {
  const { client, answer, test } = await testing();
  expect(client.isDown()).toBe(true);
  answer.resolve();
  await test();
  expect(client.isDown()).toBe(false);
});
