import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { deferred } from '../support/deferred.ts';
import { type Answer, ask, at, failureOf } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
let notReady: () => Promise<readonly string[]> = async () => [];
beforeAll(async () => {
  api = await startApi(() => ({ notReady: () => notReady() }));
});
afterAll(() => api.close());

const create = (to: TestApi, body: unknown = { serviceName: 'demo', phoneNumber: '+15105550100' }): Promise<Answer> =>
  ask(to.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': to.apiKey }, body);

describe('health', () => {
  it('is live while the process runs', async () => expect((await ask(api.url, 'GET', '/health/live')).body).toEqual({ status: 'live' }));

  it('is ready when nothing is missing, and else names what is', async () => {
    expect((await ask(api.url, 'GET', '/health/ready')).body).toEqual({ status: 'ready' });
    notReady = async () => ['event store', 'live views'];
    const answer = await ask(api.url, 'GET', '/health/ready');
    const errors = ['event store', 'live views'].map((path) => ({ path, message: 'is not ready' }));
    expect(failureOf(answer)).toEqual({ status: 503, code: 5003, errors });
    expect(answer.headers.get('retry-after')).toBe('1');
  });
});

describe('metrics', () => {
  it('count requests by route, method and status, and bookings by how they ended', async () => {
    const { body } = await create(api);
    await create(api, { serviceName: 'demo', phoneNumber: 'nonsense' });
    await ask(api.url, 'POST', '/engagement/v3/callbacks/retrieve', { 'x-api-key': api.apiKey }, { id: at(body, 'data', 'id') });
    await ask(api.url, 'GET', '/api/callbacks/%2B15105550100', { authorization: `Bearer ${api.adminToken}` });
    const { text, headers } = await ask(api.url, 'GET', '/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(/ringback_bookings_total\{by="client",result="booked"\} \d/);
    expect(text).toMatch(/ringback_bookings_total\{by="client",result="INVALID_NUMBER"\} 1/);
    expect(text).toContain(
      'ringback_http_request_duration_seconds_count{route="/engagement/v3/callbacks/create",method="POST",status="400"}',
    );
    expect(text).toContain('route="/api/callbacks/:id",method="GET",status="404"');
    expect(text).not.toContain('5105550100');
  });
});

describe('the description', () => {
  const description = async () => (await ask(api.url, 'GET', '/docs/openapi.json')).body;

  it('has every route of the service', async () => {
    const paths = Object.entries(at(await description(), 'paths') as Record<string, object>);
    expect(paths.flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`)).sort()).toEqual([
      'delete /api/queue-settings/{queue}',
      'get /api/callbacks',
      'get /api/callbacks/{id}',
      'get /api/callbacks/{id}/history',
      'get /api/queue-settings',
      'get /api/queue-settings/{queue}',
      'get /api/session',
      'get /health/live',
      'get /health/ready',
      'get /metrics',
      'post /api/callbacks',
      'post /api/callbacks/{id}/cancel',
      'post /api/callbacks/{id}/reschedule',
      'post /contact-center/attempts/{id}/connected',
      'post /contact-center/attempts/{id}/ended',
      'post /contact-center/attempts/{id}/outcome',
      'post /contact-center/attempts/{id}/withdrawn',
      'post /engagement/v3/callbacks/cancel',
      'post /engagement/v3/callbacks/create',
      'post /engagement/v3/callbacks/retrieve',
      'put /api/queue-settings/{queue}',
      'put /contact-center/agents',
    ]);
  });

  it('refers to nothing that it doesn’t hold', async () => {
    const text = JSON.stringify(await description());
    const refs = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, ref]) => String(ref).split('/'));
    expect(refs.length).toBeGreaterThan(10);
    const whole: unknown = JSON.parse(text);
    for (const ref of refs) expect(at(whole, ...ref)).toBeDefined();
  });

  it('bounds every setting and shows what a booking takes', async () => {
    const whole = await description();
    const put = at(whole, 'paths', '/api/queue-settings/{queue}', 'put', 'requestBody', 'content', 'application/json', 'schema');
    expect(JSON.stringify(at(put, 'properties', 'slotCapacity'))).toContain('"maximum":100000');
    const query = at(whole, 'paths', '/api/callbacks', 'get', 'parameters');
    expect(JSON.stringify(query)).toContain('next-2-weeks');
  });
});

describe('the log', () => {
  it('has one line a request: route, method, status, time and correlation id, no address and no body', async () => {
    const answer = await ask(api.url, 'GET', '/api/callbacks?column=phoneNumber&contains=5105550100', {
      authorization: `Bearer ${api.adminToken}`,
    });
    const corrId = answer.headers.get('x-correlation-id') ?? 'none';
    const lines = (): string[] => api.lines.filter((line) => line.includes(corrId));
    await expect.poll(() => lines().length).toBe(1);
    const line: unknown = JSON.parse(lines()[0] ?? '');
    expect(line).toMatchObject({
      route: '/api/callbacks',
      method: 'GET',
      status: 200,
      ms: expect.any(Number),
      corrId,
    });
    expect(JSON.stringify(line)).not.toMatch(/5105550100|contains|Bearer/);
  });

  it('redacts credentials, should headers ever be logged', () => {
    const from = api.lines.length;
    api.app.log.info({ headers: { authorization: 'Bearer secret', 'x-api-key': 'secret' } });
    expect(api.lines[from]).not.toContain('secret');
  });
});

describe('when a store is away', () => {
  it('the event store’s absence is 503 with Retry-After, and nothing of it is said', async () => {
    const other = await startApi();
    onTestFinished(other.close);
    await other.events.close();
    const answer = await create(other);
    expect(failureOf(answer)).toMatchObject({ status: 503, code: 5001 });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN|grpc/i);
    await expect.poll(() => other.lines.some((line) => line.includes('request failed'))).toBe(true);
    expect(other.lines.join('')).not.toContain('5105550100');
  });

  it('without Postgres lists are 503, and bookings and single callbacks go on', async () => {
    const other = await startApi();
    onTestFinished(other.close);
    await other.loseDatabase();
    const headers = { authorization: `Bearer ${other.adminToken}` };
    expect(failureOf(await ask(other.url, 'GET', '/api/callbacks', headers))).toMatchObject({ status: 503, code: 5002 });
    const booked = await create(other);
    expect(booked.status).toBe(200);
    expect((await ask(other.url, 'GET', `/api/callbacks/${at(booked.body, 'data', 'id')}`, headers)).status).toBe(200);
  });
});

describe('what nobody foresaw', () => {
  it('is 500 without internals, and is logged without what a database puts beside it', async () => {
    notReady = () => Promise.reject(Object.assign(new Error('a broken promise'), { detail: 'Key (phone)=(+15105550100)' }));
    const answer = await ask(api.url, 'GET', '/health/ready');
    expect(failureOf(answer)).toEqual({ status: 500, code: 5000, errors: undefined });
    expect(answer.text).not.toContain('broken');
    const log = api.lines.join('');
    expect(log).toContain('a broken promise');
    expect(log).toContain(answer.headers.get('x-correlation-id'));
    expect(log).not.toContain('5105550100');
  });
});

describe('a service that is closing', () => {
  it('finishes what it began, and answers 503 in the error body to what comes after', async () => {
    const entered = deferred();
    const release = deferred();
    const other = await startApi(() => ({
      notReady: async () => {
        entered.resolve();
        await release.promise;
        return [];
      },
    }));
    let answers = '';
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    socket.on('data', (chunk) => {
      answers += chunk;
    });
    const ask = (path: string) => socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    ask('/health/ready');
    await entered.promise;
    const closed = other.close();
    await expect.poll(() => other.app.server.listening).toBe(false);
    ask('/health/live');
    release.resolve();
    await once(socket, 'close');
    const [first, second] = answers.split(/(?=HTTP\/1\.1 )/);
    expect(first).toMatch(/^HTTP\/1.1 200 /);
    expect(second).toMatch(/^HTTP\/1.1 503 .*"code":5006,/s);
    await closed;
  });
});
