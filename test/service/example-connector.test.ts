import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { webhookSignature } from '../../src/integrations/connector/signature.ts';
import { at } from '../api/support/ask.ts';
import { type Child, startChild } from '../crash/support/child.ts';
import { freePort } from '../crash/support/http.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { configureQueue, connectorKey, ended, given, type Running, startRunning, until } from './running.ts';

const program = fileURLToPath(new URL('../../examples/connector/connector.mjs', import.meta.url));
const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const LONG = '600000';

let running: Running;
let connectorPort: number;
let example: Child | undefined;

/** Runs the example as its own comment says, with a customer who picks up after `ringMs`. */
const startExample = async (ringMs: string): Promise<void> => {
  await example?.end();
  example = startChild([program], {
    ...{ CONNECTOR_SECRET: secret, CONNECTOR_KEY: connectorKey, RINGBACK_URL: running.service.url ?? '', PORT: String(connectorPort) },
    ...{ RING_MS: ringMs, TALK_MS: '1', QUEUES: 'demo', AGENTS: '2' },
  });
  await example.says(/listening on/);
};

beforeAll(async () => {
  connectorPort = await freePort();
  const connector = { CONNECTOR_URL: `http://127.0.0.1:${connectorPort}/`, CONNECTOR_SECRET: secret };
  running = await startRunning({ dir: dirname(await freshPostgresDir()), env: { ...given, ...connector }, start: Date.now(), speed: 1 });
  await configureQueue(running, 'demo', { placeWithinSeconds: 60, maxDialAttempts: 1 });
});
afterAll(async () => {
  await example?.end();
  await running.close();
});

it('the example connector dials, connects and ends what it is asked to place', async () => {
  await startExample('1');
  const ids = await Promise.all([0, 1, 2, 3].map((n) => running.book({ serviceName: 'demo', phoneNumber: `+1202555010${n}` })));
  for (const id of ids) {
    const { history, end } = await ended(running, id);
    expect(end.data).toMatchObject({ reason: 'AGENT', unreported: false });
    expect(history.find(({ type }) => type === 'CallbackConnected')?.data.agentId).toMatch(/^agent-[12]$/);
  }
});

it('a customer who doesn’t answer it is reported as such', async () => {
  await startExample('1');
  const id = await running.book({ serviceName: 'demo', phoneNumber: '+12025550199' });
  const { history, end } = await ended(running, id);
  expect(end.data.reason).toBe('ATTEMPTS_EXHAUSTED');
  expect(history.find(({ type }) => type === 'CallbackAttemptFailed')?.data.outcome).toBe('NO_ANSWER');
});

it('it stops ringing for a customer who cancels', async () => {
  await startExample(LONG);
  const id = await running.book({ serviceName: 'demo', phoneNumber: '+12025550105' });
  await until(async () => (await running.history(id)).find(({ type }) => type === 'CallbackAttemptPlaced'));
  expect((await running.asClient('/callbacks/cancel', { id })).status).toBe(200);
  await until(async () => (await running.history(id)).find(({ type }) => type === 'CallbackAttemptWithdrawn'));
});

it('it takes no message that wasn’t signed with the secret, and dials a repeat once', async () => {
  await startExample(LONG);
  const now = Date.now();
  const placement = {
    type: 'attempt.place',
    attemptId: 'cb-1.1',
    placeBy: new Date(now + 60_000).toISOString(),
    phoneNumber: '+12025550106',
  };
  const send = async (message: object, key = secret): Promise<readonly [number, unknown]> => {
    const body = JSON.stringify(message);
    const headers = webhookSignature(key).sign('msg_1', body, now);
    const answer = await fetch(`http://127.0.0.1:${connectorPort}/`, { method: 'POST', headers, body });
    return [answer.status, at(await answer.json(), 'reason')];
  };
  expect(await send(placement, `whsec_${Buffer.alloc(32, 8).toString('base64')}`)).toEqual([401, 'BAD_SIGNATURE']);
  expect(await send({ type: 'attempt.withdraw', attemptId: 'cb-1.1' })).toEqual([404, 'UNKNOWN']);
  expect(await send(placement)).toEqual([202, undefined]);
  expect(await send(placement)).toEqual([202, undefined]);
  expect(await send({ ...placement, attemptId: 'cb-2.1', placeBy: new Date(now - 1).toISOString() })).toEqual([409, 'PLACE_BY_PASSED']);
  expect(await send({ type: 'attempt.withdraw', attemptId: 'cb-1.1' })).toEqual([202, undefined]);
});
