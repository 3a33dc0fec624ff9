import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

const limits = { immediatePerNumberPerDay: 3, bookingsPerQueuePerMinute: 5 };
const DAY = 86_400_000;

let api: TestApi;
let key: string;
let other: string;
let count = 0;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  count += 1;
  key = await api.limitedKey(`limited ${count}`, limits, 'callbacks');
  other = await api.limitedKey(`other ${count}`, limits, 'callbacks');
  await api.settle();
});

const NUMBER = '+15105550123';
const create = (body: object = {}, headers: Record<string, string> = {}, by = key): Promise<Answer> =>
  ask(
    api.url,
    'POST',
    '/engagement/v3/callbacks/create',
    { 'x-api-key': by, ...headers },
    {
      ...{ serviceName: 'demo', phoneNumber: NUMBER, ...body },
    },
  );
const statuses = async (asking: Promise<Answer>[]): Promise<number[]> => (await Promise.all(asking)).map(({ status }) => status).sort();
const numbers = (from: number, length: number) => Array.from({ length }, (_, n) => `+1510555${String(from + n).padStart(4, '0')}`);
const scheduled = () => ({ desiredTime: new Date(api.clock.now() + 7 * DAY).toISOString() });

describe('immediate bookings of one number', () => {
  it('are refused over the limit of the key with 7041, naming the field, and leave no event', async () => {
    for (let one = 0; one < 3; one += 1) expect((await create()).status).toBe(200);
    await api.settle();
    const before = await api.store.lastPosition();
    const refused = await create();
    expect(failureOf(refused)).toMatchObject({ status: 429, code: 7041, errors: [{ path: 'phoneNumber' }] });
    expect(refused.headers.get('retry-after')).toBe(String(DAY / 1000));
    expect(at(refused.body, 'data')).toBeUndefined();
    expect(await api.store.lastPosition()).toBe(before);
    expect((await create({ phoneNumber: '+1 (510) 555-0123' })).status).toBe(429);
  });

  it('go on after exactly the seconds that Retry-After says, by the service’s clock, and not a second before', async () => {
    await create();
    await api.clock.advanceBy(3_600_500);
    await create();
    await create();
    await api.clock.advanceBy(60_000);
    const seconds = Number((await create()).headers.get('retry-after'));
    expect(seconds).toBe((DAY - 3_660_500) / 1000 + 0.5);
    await api.clock.advanceBy((seconds - 1) * 1000);
    expect((await create()).status).toBe(429);
    await api.clock.advanceBy(1_000);
    expect([(await create()).status, (await create()).status]).toEqual([200, 429]);
  });

  it('asked for at once get exactly the limit through', async () => {
    const all = await statuses(Array.from({ length: 20 }, (_, n) => create({ channel: String(n) })));
    expect(all).toEqual([200, 200, 200, ...Array.from({ length: 17 }, () => 429)]);
  });

  it('of another key are untouched, and so are other numbers', async () => {
    for (let one = 0; one < 5; one += 1) await create();
    expect((await create()).status).toBe(429);
    expect((await create({}, {}, other)).status).toBe(200);
    expect((await create({ phoneNumber: '+15105550124' })).status).toBe(200);
  });

  it('aren’t used up by scheduled ones, nor by refused ones, nor by repeats under an Idempotency-Key', async () => {
    for (let one = 0; one < 2; one += 1) expect((await create(scheduled())).status).toBe(200);
    for (const wrong of [{ serviceName: 'nowhere' }, { desiredTime: '2020-01-01T00:00:00Z' }, { priority: -1 }])
      expect((await create(wrong)).status).toBe(400);
    const first = await create({}, { 'idempotency-key': 'k' });
    for (let one = 0; one < 4; one += 1)
      expect(textAt((await create({}, { 'idempotency-key': 'k' })).body, 'data', 'id')).toBe(textAt(first.body, 'data', 'id'));
    expect((await create({ channel: 'x' }, { 'idempotency-key': 'k' })).status).toBe(409);
    await api.clock.advanceBy(60_000);
    expect([(await create()).status, (await create()).status, (await create()).status]).toEqual([200, 200, 429]);
    expect((await create({}, { 'idempotency-key': 'k' })).status).toBe(200);
    expect((await create({ channel: 'x' }, { 'idempotency-key': 'k' })).status).toBe(409);
    expect((await create({}, { 'idempotency-key': 'new' })).status).toBe(429);
  });
});

describe('bookings of one queue', () => {
  it('are refused over the limit in a minute, of whatever kind and number', async () => {
    const [a = '', b = '', c = ''] = numbers(200, 3);
    await statuses([create({ phoneNumber: a }), create({ phoneNumber: b, ...scheduled() }), create({ phoneNumber: b })]);
    await api.clock.advanceBy(10_000);
    await statuses([create({ phoneNumber: c }), create({ phoneNumber: c, ...scheduled() })]);
    const refused = await create({ phoneNumber: '+15105550299', ...scheduled() });
    expect(failureOf(refused)).toMatchObject({ status: 429, code: 7041, errors: [{ path: 'serviceName' }] });
    expect(refused.headers.get('retry-after')).toBe('50');
    expect((await create({ phoneNumber: '+15105550299' }, {}, other)).status).toBe(200);
    await api.clock.advanceBy(50_000);
    expect(await statuses(numbers(210, 4).map((phoneNumber) => create({ phoneNumber })))).toEqual([200, 200, 200, 429]);
  });

  it('asked for at once get exactly the limit through', async () => {
    const all = await statuses(numbers(300, 30).map((phoneNumber, n) => create({ phoneNumber, ...(n % 2 ? scheduled() : {}) })));
    expect(all.filter((status) => status === 200)).toHaveLength(5);
  });

  it('that a full slot refused aren’t counted', async () => {
    await ask(api.url, 'PUT', '/api/queue-settings/narrow', { authorization: `Bearer ${api.adminToken}` }, { slotCapacity: 1 });
    await api.settle();
    const checked = { serviceName: 'narrow', alwaysCheckCapacity: true, ...scheduled() };
    const codes = [];
    for (const phoneNumber of numbers(400, 8)) codes.push(failureOf(await create({ ...checked, phoneNumber })).code);
    expect(codes).toEqual([200, 4004, 4004, 4004, 4004, 4004, 4004, 4004]);
  });
});

it('users aren’t limited', async () => {
  const book = () =>
    ask(api.url, 'POST', '/api/callbacks', { authorization: `Bearer ${api.adminToken}` }, { serviceName: 'demo', phoneNumber: NUMBER });
  expect(await statuses(Array.from({ length: 12 }, book))).toEqual(Array.from({ length: 12 }, () => 201));
});

it('what was refused is in the metrics, by key and limit, and in the errors list', async () => {
  for (let one = 0; one < 3; one += 1) await create({ phoneNumber: '+15105550150' });
  const refused = await create({ phoneNumber: '+15105550150' });
  const { text } = await ask(api.url, 'GET', '/metrics');
  expect(text).toContain(`ringback_booking_limits_reached_total{api_key="limited ${count}",limit="number"} 1`);
  expect(text).toMatch(/ringback_bookings_total\{by="client",result="TOO_MANY_REQUESTS"\} \d/);
  const { body } = await ask(api.url, 'GET', `/api/errors/${refused.headers.get('x-correlation-id')}`, {
    authorization: `Bearer ${api.adminToken}`,
  });
  expect(body).toMatchObject({ status: 429, code: 7041, queue: 'demo', cause: 'TOO_MANY_REQUESTS: phoneNumber' });
});

it('a number is counted under a pseudonym that is another one for each key and day, and for none but counted bookings', async () => {
  const hashOf = async (body: object, by: string) => {
    const id = textAt((await create({ phoneNumber: '+15105550160', ...body }, {}, by)).body, 'data', 'id');
    for await (const { type, data } of api.store.readStream(callbackStream(id))) if (type === 'CallbackBooked') return data.numberHash;
    return 'no booking';
  };
  const [first, again, others] = [await hashOf({}, key), await hashOf({}, key), await hashOf({}, other)];
  await api.clock.advanceBy(DAY);
  const tomorrow = await hashOf({}, key);
  expect(again).toBe(first);
  expect(new Set([first, others, tomorrow]).size).toBe(3);
  expect(first).toMatch(/^[\w-]{22}$/);
  expect(await hashOf(scheduled(), key)).toBeUndefined();
});
