import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { at } from '../api/support/ask.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { configureQueue, ended, type HistoryItem, logged, type Running, startRunning } from './running.ts';

const SPEED = 300;
/** Customers who answer at the first attempt, and others who do as they please. */
const answering = (n: number) => `+12125550${100 + n}`;
const moody = (n: number) => `+1312867${5309 + n}`;
const used: string[] = [];
const phone = (number: string) => {
  used.push(number);
  return number;
};

let dir: string;
let running: Running;
const restart = async () => {
  await running.close();
  running = await startRunning({ dir, start: running.clock.now(), speed: SPEED, clockSpeed: SPEED });
};
beforeAll(async () => {
  dir = dirname(await freshPostgresDir());
  running = await startRunning({ dir, speed: SPEED, clockSpeed: SPEED });
  await configureQueue(running, 'demo', { placeWithinSeconds: 600, reportLimitSeconds: 3600, slotCapacity: 1000, dialRetryMinutes: 1 });
});
afterAll(() => running.close());

const onTheWay = [
  'CallbackBooked',
  'CallbackQueued',
  'CallbackAttemptStarted',
  'CallbackAttemptAnswered',
  'CallbackConnected',
  'CallbackCompleted',
];

const stepsOf = (history: readonly HistoryItem[]) => history.map(({ type }) => type).filter((type) => type !== 'CallbackAttemptPlaced');

describe('with the simulated contact center and nothing else', () => {
  it('an immediate callback is queued, routed, handled by an agent and completed', async () => {
    const id = await running.book({ serviceName: 'demo', phoneNumber: phone(answering(0)), userData: { order: 7 } });
    const { history, end } = await ended(running, id);
    expect(stepsOf(history)).toEqual(onTheWay);
    expect(end.data).toMatchObject({ reason: 'AGENT', unreported: false });
    const { body } = await running.asClient('/callbacks/retrieve', { id });
    expect(at(body, 'data')).toMatchObject({ callbackState: 'COMPLETED', callbackReason: 'AGENT', phoneNumber: answering(0) });
    const whoDid = Object.fromEntries(history.map(({ type, actor }) => [type, `${actor.kind} ${actor.name}`]));
    expect(whoDid).toMatchObject({
      CallbackBooked: 'client api',
      CallbackAttemptStarted: 'process dispatch',
      CallbackConnected: 'connector simulator',
    });
  });

  it('a scheduled one is held until its time, then goes the same way', async () => {
    const desiredTime = iso(running.clock.now() + 8 * 60_000);
    const id = await running.book({ serviceName: 'demo', phoneNumber: phone(answering(1)), desiredTime });
    expect(at((await running.asClient('/callbacks/retrieve', { id })).body, 'data', 'callbackState')).toBe('SCHEDULED');
    const { history, end } = await ended(running, id);
    expect(stepsOf(history)).toEqual(onTheWay);
    expect(end.data.reason).toBe('AGENT');
    const queued = history.find(({ type }) => type === 'CallbackQueued');
    const wait = Number(queued?.data.estimatedWaitSeconds ?? 0);
    expect(Date.parse(queued?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(desiredTime) - (wait + 1) * 1000);
  });

  it('one that fails is tried again, until an agent has it or the attempts are spent', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, n) => running.book({ serviceName: 'demo', phoneNumber: phone(moody(n)) })),
    );
    for (const id of ids) {
      const { history, end } = await ended(running, id);
      const attempts = history.filter(({ type }) => type === 'CallbackAttemptStarted').map(({ data }) => data.attemptId);
      expect(new Set(attempts).size).toBe(attempts.length);
      const counted = history.filter(({ type, data }) => type === 'CallbackAttemptFailed' && data.counted === true);
      const { reason } = end.data;
      const isInvalid = counted.at(-1)?.data.outcome === 'INVALID_NUMBER';
      expect(['AGENT', 'ABANDONED', 'ATTEMPTS_EXHAUSTED']).toContain(reason);
      if (reason === 'ATTEMPTS_EXHAUSTED' && !isInvalid) expect(counted).toHaveLength(3);
      expect(counted.length).toBeLessThanOrEqual(3);
    }
  });

  it('what was open at a restart goes on, scheduled or waiting', async () => {
    const desiredTime = iso(running.clock.now() + 10 * 60_000);
    const ids = await Promise.all([
      ...[2, 3, 4].map((n) => running.book({ serviceName: 'demo', phoneNumber: phone(answering(n)), desiredTime })),
      ...[5, 6, 7].map((n) => running.book({ serviceName: 'demo', phoneNumber: phone(answering(n)) })),
    ]);
    await restart();
    for (const id of ids) expect((await ended(running, id)).end.data.reason).toMatch(/^(AGENT|ABANDONED|ATTEMPTS_EXHAUSTED)$/);
  });

  it('no log line of the whole run has the number of anybody in it, nor their data', async () => {
    await running.asClient('/callbacks/create', { serviceName: 'demo', phoneNumber: phone('+1212555'), desiredTime: 'never' });
    await running.asClient('/callbacks/create', `{"phoneNumber":"${phone('+12125550199')}",`);
    await running.asAdmin('GET', `/callbacks?contains=${encodeURIComponent(phone('+12125550198'))}&column=phoneNumber`);
    const text = logged.join('');
    expect(logged.length).toBeGreaterThan(50);
    expect(used.length).toBeGreaterThan(20);
    for (const number of used) {
      expect(text).not.toContain(number.slice(1));
      if (number.length > 9) expect(text).not.toContain(number.slice(-7));
    }
    expect(text).not.toContain('order');
  });
});
