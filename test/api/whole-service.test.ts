import { once } from 'node:events';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { type Service, startService } from '../../src/service/start.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { ask, at, failureOf, textAt } from './support/ask.ts';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const apiKey = 'a'.repeat(32);
const adminToken = 't'.repeat(32);
const connectorKey = 'c'.repeat(32);
const token = { authorization: `Bearer ${adminToken}` };
const key = { 'x-api-key': apiKey };
const center = { 'x-api-key': connectorKey };

/** Stands in for the contact center: takes what it is asked for, once its signature holds. */
const contactCenter = async () => {
  const asked: unknown[] = [];
  const webhook = new Webhook(secret);
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked.push(webhook.verify(text, request.headers as Record<string, string>));
    response.writeHead(202).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, asked, close: () => server.close() };
};

let service: Service;
let pbx: Awaited<ReturnType<typeof contactCenter>>;
let dir: string;
const lines: string[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringback-service-'));
  await rename(await freshPostgresDir(), join(dir, 'postgres'));
  pbx = await contactCenter();
  const config = readConfig({
    ...{ PORT: '0', DATA_DIR: dir, CONNECTOR_URL: pbx.url, CONNECTOR_SECRET: secret },
    ...{ BOOTSTRAP_API_KEY: apiKey, BOOTSTRAP_ADMIN_TOKEN: adminToken, BOOTSTRAP_CONNECTOR_KEY: connectorKey },
  });
  service = await startService({ config, clock: startClock(), log: pino({}, { write: (line: string) => void lines.push(line) }) });
});
afterAll(async () => {
  await service.close();
  pbx.close();
  await rm(dir, { recursive: true, force: true });
});

const call = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
  ask(service.url ?? '', method, path, headers, body);
const callback = async (id: string) => (await call('GET', `/api/callbacks/${id}`, token)).body;
const stateOf = async (id: string) => at(await callback(id), 'callbackState');
let sequence = 0;
const ready = (...agents: string[]) => {
  sequence++;
  const report = { source: 'pbx', sequence, full: true, agents: agents.map((id) => ({ id, state: 'READY', queues: ['demo'] })) };
  return call('PUT', '/contact-center/agents', center, report);
};

describe('the figures of the work', () => {
  it('are there for every queue, also when there is nothing to count', async () => {
    const { text } = await call('GET', '/metrics', {});
    expect(text).toContain('ringback_callbacks_waiting{queue="demo"} 0');
    expect(text).toContain('ringback_attempts_in_flight{queue="demo"} 0');
    expect(text).not.toContain('queue="default"');
  });
});

describe('a callback over HTTP', () => {
  it('is booked, placed, answered, connected and ended, and its history tells who did what because of what', async () => {
    const booking = { serviceName: 'demo', phoneNumber: '+15105550100', userData: { order: 7 }, routePoint: '8000' };
    const booked = await call('POST', '/engagement/v3/callbacks/create', key, booking);
    const id = textAt(booked.body, 'data', 'id');
    expect(at((await call('POST', '/engagement/v3/callbacks/retrieve', key, { id })).body, 'data')).toMatchObject({
      callbackState: 'QUEUED',
      positionInQueue: 1,
    });

    expect((await ready('anna')).status).toBe(200);
    await expect.poll(() => pbx.asked, { timeout: 10_000 }).toHaveLength(1);
    expect(pbx.asked[0]).toMatchObject({
      type: 'attempt.place',
      callbackId: id,
      phoneNumber: '+15105550100',
      userData: { order: 7 },
      routePoint: '8000',
    });
    const attempt = `/contact-center/attempts/${textAt(pbx.asked[0], 'attemptId')}`;
    await expect.poll(() => stateOf(id)).toBe('ROUTING');

    for (const [what, body] of [
      ['outcome', { outcome: 'ANSWERED', at: new Date().toISOString() }],
      ['connected', { agentId: 'anna' }],
      ['ended', { by: 'AGENT' }],
    ] as const) {
      expect((await call('POST', `${attempt}/${what}`, center, body)).status).toBe(200);
    }
    expect(await callback(id)).toMatchObject({
      callbackState: 'COMPLETED',
      callbackReason: 'AGENT',
      metrics: { attempts: [{ agentId: 'anna' }] },
    });

    const items = at((await call('GET', `/api/callbacks/${id}/history`, token)).body, 'items');
    if (!Array.isArray(items)) throw new Error('no history');
    const kinds = items.map((item) => [at(item, 'type'), at(item, 'actor', 'kind')]);
    expect(kinds).toContainEqual(['CallbackBooked', 'client']);
    expect(kinds).toContainEqual(['CallbackAttemptStarted', 'process']);
    expect(kinds).toContainEqual(['CallbackConnected', 'connector']);
    const corrId = booked.headers.get('x-correlation-id');
    expect(items.find((item) => at(item, 'type') === 'CallbackAttemptStarted')).toMatchObject({ correlationId: corrId });
  });

  it('that is cancelled while it rings is withdrawn', async () => {
    const booked = await call('POST', '/engagement/v3/callbacks/create', key, { serviceName: 'demo', phoneNumber: '+15105550101' });
    const id = textAt(booked.body, 'data', 'id');
    const before = pbx.asked.length;
    await ready('anna');
    await expect.poll(() => pbx.asked.length, { timeout: 10_000 }).toBe(before + 1);
    await expect.poll(() => stateOf(id)).toBe('ROUTING');
    await call('POST', `/api/callbacks/${id}/cancel`, token, { reason: 'called himself' });
    await expect.poll(() => pbx.asked.at(-1), { timeout: 10_000 }).toMatchObject({ type: 'attempt.withdraw' });
    expect((await call('POST', `/contact-center/attempts/${id}.1/withdrawn`, center)).status).toBe(200);
    expect(await callback(id)).toMatchObject({ callbackState: 'COMPLETED', callbackReason: 'CANCELLED_BY_ADMIN' });
  });

  it('is in the list at once for who names its position, and refusals aren’t', async () => {
    const desiredTime = new Date(Date.now() + 3_600_000).toISOString();
    const booked = await call('POST', '/api/callbacks', token, { serviceName: 'demo', phoneNumber: '+15105550102', desiredTime });
    const headers = { ...token, 'x-position': booked.headers.get('x-position') ?? '' };
    const list = () => call('GET', '/api/callbacks?range=next-24-hours', headers);
    expect(at((await list()).body, 'items')).toEqual([expect.objectContaining({ id: at(booked.body, 'id'), callbackState: 'SCHEDULED' })]);
    expect(failureOf(await call('POST', '/api/callbacks', token, { serviceName: 'demo', phoneNumber: '12', desiredTime }))).toMatchObject({
      code: 7036,
    });
    expect(at((await list()).body, 'total')).toBe(1);
  });

  it('leaves no number and no secret in the log', () => {
    const log = lines.join('');
    expect(log).toContain('"route":"/engagement/v3/callbacks/create"');
    for (const private_ of ['5105550100', '5105550101', '5105550102', apiKey, adminToken, connectorKey, secret])
      expect(log).not.toContain(private_);
  });
});

it('the service says that it is ready', async () => expect((await call('GET', '/health/ready', {})).status).toBe(200));
