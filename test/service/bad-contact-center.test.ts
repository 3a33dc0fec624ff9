import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptIdOf } from '../../src/domain/callback/events.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { contactCenter, type Manner, obliging, secret, type TestCenter } from './contact-center.ts';
import { configureQueue, ended, given, type HistoryItem, logged, type Running, startRunning, until } from './running.ts';

/** Ten seconds of the connector's patience are half a one here; what a queue waits for is set so that it is short and sure. */
const SPEED = 20;
const PLACE_WITHIN_S = 30;
const RING_LIMIT_S = 60;
const settings = {
  ...{ placeWithinSeconds: PLACE_WITHIN_S, ringLimitSeconds: RING_LIMIT_S, reportLimitSeconds: 45, maxDialAttempts: 2 },
  dialRetryMinutes: { default: 0.01, error: 0.5 },
};

let center: TestCenter;
let running: Running;
let beats: NodeJS.Timeout;
beforeAll(async () => {
  center = await contactCenter();
  const env = { ...given, CONNECTOR_URL: center.url, CONNECTOR_SECRET: secret };
  running = await startRunning({ dir: dirname(await freshPostgresDir()), env, speed: SPEED });
  center.serve(running);
  await configureQueue(running, 'demo', settings);
  const patient = { ...settings, ringLimitSeconds: 3_600 };
  expect((await running.asAdmin('PUT', '/queue-settings/patient', patient, { 'if-none-match': '*' })).status).toBe(201);
  beats = setInterval(() => void center.ready().catch(() => undefined), 200);
});
afterAll(async () => {
  clearInterval(beats);
  await center.close();
  await running.close();
});

let customers = 0;
/** Books for a customer of its own, whom the contact center treats in this manner. */
const book = (manner: Partial<Manner> = {}, serviceName = 'demo') => {
  const phoneNumber = `+1213555${String(100 + customers++).padStart(4, '0')}`;
  center.treat(phoneNumber, { ...obliging, ...manner });
  return running.book({ serviceName, phoneNumber });
};
/** Answers so the first `times`, and obliges after that. */
const first = (times: number, reply: ReturnType<Manner['place']>): Partial<Manner> => {
  let left = times;
  return { place: () => (left-- > 0 ? reply : obliging.place()) };
};
const has =
  (type: string, data: Readonly<Record<string, unknown>> = {}) =>
  (item: HistoryItem) =>
    item.type === type && Object.entries(data).every(([name, value]) => item.data[name] === value);
const seen = (id: string, type: string, data?: Readonly<Record<string, unknown>>) =>
  until(
    async () => (await running.history(id)).find(has(type, data)),
    25_000,
    () => [type, center.asked.at(-1)?.type],
  );
const failures = (history: readonly HistoryItem[]) =>
  history
    .filter(has('CallbackAttemptFailed'))
    .map(({ data: { outcome, cause, counted, settled, final } }) => ({ outcome, cause, counted, settled, final }));

describe('a contact center that can’t be reached', () => {
  it('gets the attempt as soon as it can, while there is time to place it', async () => {
    await configureQueue(running, 'demo', { ...settings, placeWithinSeconds: 600, reportLimitSeconds: 600 });
    await center.stop();
    const id = await book();
    await seen(id, 'CallbackAttemptStarted');
    await center.listen();
    const { history, end } = await ended(running, id);
    expect(end.data.reason).toBe('AGENT');
    expect(failures(history)).toEqual([]);
    expect(center.placesOf(id)).toHaveLength(1);
  });
  it('fails the attempt once its time to place is over, uncounted, and gets the next', async () => {
    await configureQueue(running, 'demo', settings);
    await center.stop();
    const id = await book();
    await seen(id, 'CallbackAttemptFailed', { cause: 'CONNECTOR_UNREACHABLE' });
    await center.listen();
    const { history, end } = await ended(running, id);
    expect(end.data.reason).toBe('AGENT');
    expect(failures(history)[0]).toEqual({
      outcome: 'FAILED',
      cause: 'CONNECTOR_UNREACHABLE',
      counted: false,
      settled: true,
      final: false,
    });
    const attempts = center.placesOf(id).map(({ attemptId }) => attemptId);
    expect(attempts).not.toContain(attemptIdOf(id, 1));
    expect(new Set(attempts).size).toBe(attempts.length);
  });
});

describe.concurrent('a contact center that refuses', () => {
  it('is asked again later, under another id, however often: the phone never rang', async () => {
    const id = await book(first(3, { status: 429, body: { reason: 'NO_LINE' } }));
    const { history, end } = await ended(running, id);
    expect(end.data.reason).toBe('AGENT');
    const refused = { outcome: 'FAILED', cause: 'NO_LINE', counted: false, settled: true, final: false };
    expect(failures(history)).toEqual([refused, refused, refused]);
    expect(center.placesOf(id).map(({ attemptId }) => attemptId)).toEqual([1, 2, 3, 4].map((n) => attemptIdOf(id, n)));
    expect(center.withdrawalsOf(id)).toEqual([]);
  });
  it('in words of its own is not quoted', async () => {
    const { history } = await ended(running, await book(first(1, { status: 400, body: { reason: 'no such number 213 555' } })));
    expect(failures(history)).toMatchObject([{ cause: 'HTTP_400' }]);
  });
});

describe.concurrent.each([
  ['never answers', 'never'],
  ['answers that it failed', { status: 503 }],
  ['begins an answer and goes on with it without end', 'dribbling'],
  ['sends its messages elsewhere', { status: 307, headers: { location: '/elsewhere' } }],
  ['fails in 10 MB', { status: 500, body: 'x'.repeat(10_000_000) }],
] as const)('a contact center that %s', (_, reply) => {
  it('is asked once: silence ends the attempt, it is withdrawn, and the next waits until this one can ring no more', async () => {
    const id = await book(first(1, reply));
    const { history, end } = await ended(running, id);
    expect(end.data.reason).toBe('AGENT');
    expect(failures(history)).toEqual([{ outcome: 'TIMEOUT', cause: null, counted: true, settled: false, final: false }]);
    expect(history.filter(has('CallbackWithdrawRequested', { delivered: true }))).toHaveLength(1);
    expect(new Set(center.withdrawalsOf(id).map(({ attemptId }) => attemptId))).toEqual(new Set([attemptIdOf(id, 1)]));
    const [place, next, ...more] = center.placesOf(id);
    expect([place?.attemptId, next?.attemptId, more]).toEqual([attemptIdOf(id, 1), attemptIdOf(id, 2), []]);
    const placeBy = Date.parse(place?.type === 'attempt.place' ? place.placeBy : '');
    expect(next?.at).toBeGreaterThanOrEqual(placeBy + RING_LIMIT_S * 1000);
  });

  it('and says later that it was withdrawn gets the next, once, and long before this one could ring no more', async () => {
    const id = await book(first(1, reply), 'patient');
    await seen(id, 'CallbackWithdrawRequested');
    await center.tell(`${attemptIdOf(id, 1)}/withdrawn`, {});
    const { history, end } = await ended(running, id);
    expect(end.data.reason).toBe('AGENT');
    expect(center.placesOf(id).map(({ attemptId }) => attemptId)).toEqual([attemptIdOf(id, 1), attemptIdOf(id, 2)]);
    expect(history.some(has('CallbackAttemptWithdrawn'))).toBe(true);
  });

  it('but made the call after all: its report holds, and nothing is asked again', async () => {
    const id = await book(first(1, reply));
    await until(() => center.placesOf(id)[0]);
    await center.tell(`${attemptIdOf(id, 1)}/connected`, { agentId: 'agent-19' });
    await center.tell(`${attemptIdOf(id, 1)}/ended`, { by: 'CUSTOMER' });
    const { history, end } = await ended(running, id);
    expect(end.data).toMatchObject({ reason: 'AGENT', endedBy: 'CUSTOMER' });
    expect(failures(history)).toEqual([]);
    expect(center.placesOf(id)).toHaveLength(1);
  });
});

describe.concurrent('a contact center whose answer is odd', () => {
  it.each([204, 206, 299])('but is a %i takes the call', async (status) => {
    const id = await book(first(1, { status, body: status === 204 ? undefined : '<html>' }));
    const { history, end } = await ended(running, id);
    expect([end.data.reason, failures(history), center.placesOf(id).length]).toEqual(['AGENT', [], 1]);
  });
  it('but is 10 MB long is not read to its end; what it reports of the call holds', async () => {
    const id = await book(first(1, { status: 202, body: 'x'.repeat(10_000_000) }));
    const { history, end } = await ended(running, id);
    expect([end.data.reason, failures(history), center.placesOf(id).length]).toEqual(['AGENT', [], 1]);
  });
  it.each([410, 451])('but is a %i refuses it, and gets the next', async (status) => {
    const id = await book(first(1, { status, body: { reason: { __proto__: 1 } } }));
    const { history, end } = await ended(running, id);
    expect(end.data.reason).toBe('AGENT');
    expect(failures(history)).toEqual([{ outcome: 'FAILED', cause: `HTTP_${status}`, counted: false, settled: true, final: false }]);
  });
});

describe.concurrent('a contact center that takes the call and reports nothing', () => {
  it('leaves the callback with its attempts spent', async () => {
    const id = await book({ reports: false });
    const { history, end } = await ended(running, id);
    expect(end.data.reason).toBe('ATTEMPTS_EXHAUSTED');
    expect(failures(history).map(({ outcome, final }) => [outcome, final])).toEqual([
      ['TIMEOUT', false],
      ['TIMEOUT', true],
    ]);
    expect(center.placesOf(id)).toHaveLength(2);
  });
  it('is told when the callback is cancelled meanwhile, and what it says late changes nothing', async () => {
    const id = await book({ reports: false });
    await seen(id, 'CallbackAttemptPlaced');
    expect((await running.asClient('/callbacks/cancel', { id })).status).toBe(200);
    await until(() => center.withdrawalsOf(id)[0]);
    await center.tell(`${attemptIdOf(id, 1)}/withdrawn`, {});
    await center.tell(`${attemptIdOf(id, 1)}/outcome`, { outcome: 'NO_ANSWER' });
    const { history, end } = await ended(running, id);
    expect(end).toMatchObject({ type: 'CallbackCancelled', data: { reason: 'CANCELLED_BY_CLIENT', withdraws: attemptIdOf(id, 1) } });
    expect(history.filter(has('CallbackAttemptWithdrawn'))).toHaveLength(1);
    expect(center.placesOf(id)).toHaveLength(1);
  });
});

it('no log line of all this has the number of anybody in it', () => {
  expect(logged.length).toBeGreaterThan(20);
  expect(logged.join('')).not.toMatch(/213.?555.?01/);
});
