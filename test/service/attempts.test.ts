import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptIdOf } from '../../src/domain/callback/events.ts';
import { at, failureOf } from '../api/support/ask.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { contactCenter, obliging, secret, type TestCenter } from './contact-center.ts';
import { configureQueue, connectorKey, given, type HistoryItem, type Running, startRunning, until } from './running.ts';

const SPEED = 20;
const PATIENCE_MS = 60_000;
const TEST = { timeout: 120_000 };
/** Longer than any test: what waits for this waits until its settings are edited. */
const FAR = 1_000;
const SOON = 0.01;
const queues = ['retries', 'regions', 'plain', 'ruled', 'barred', 'ringing', 'withdrawn', 'handled', 'timed', 'final', 'silent'];

let center: TestCenter;
let running: Running;
let beats: NodeJS.Timeout;
/** What the contact center says of its regions at each beat. */
let nodes: readonly { readonly region: string; readonly node: string; readonly healthy: boolean }[] = [];
let sequence = 0;
const beat = async (): Promise<void> => {
  sequence++;
  const agents = Array.from({ length: 30 }, (_, n) => ({ id: `someone-${n}`, state: 'READY', queues }));
  await running.call('PUT', '/contact-center/agents', { 'x-api-key': connectorKey }, { source: 'all', sequence, agents });
  await running.call('PUT', '/contact-center/regions', { 'x-api-key': connectorKey }, { source: 'all', sequence, nodes });
};
beforeAll(async () => {
  center = await contactCenter();
  const env = { ...given, CONNECTOR_URL: center.url, CONNECTOR_SECRET: secret };
  running = await startRunning({ dir: dirname(await freshPostgresDir()), env, speed: SPEED });
  center.serve(running);
  for (const queue of [...queues, 'single'])
    expect((await running.asAdmin('PUT', `/queue-settings/${queue}`, calm, { 'if-none-match': '*' })).status).toBe(201);
  beats = setInterval(() => void beat().catch(() => undefined), 200);
});
afterAll(async () => {
  clearInterval(beats);
  await center.close();
  await running.close();
});

/** Settings under which nothing happens by itself within a test. */
const calm = {
  placeWithinSeconds: 3_600,
  reportLimitSeconds: 86_400,
  dialRetryMinutes: FAR,
  callbackPurgeMinutes: 10_080,
  maxDialAttempts: 9,
};

let customers = 0;
/** Books for a customer of its own; what becomes of the call is for the test to report. */
const book = (serviceName: string) => {
  const phoneNumber = `+1213555${String(1000 + customers++)}`;
  center.treat(phoneNumber, { ...obliging, reports: false });
  return running.book({ serviceName, phoneNumber }).then((id) => ({ id, phoneNumber }));
};
const placesOf = (id: string) => center.placesOf(id).flatMap((one) => (one.type === 'attempt.place' ? [one] : []));
/** The attempt of that number once the contact center was asked to place it. */
const placed = (id: string, attempt = 1) =>
  until(
    () => placesOf(id).find(({ attemptId }) => attemptId === attemptIdOf(id, attempt)),
    PATIENCE_MS,
    () => ['placed', attempt, placesOf(id).length],
  );
const seen = (id: string, type: string) =>
  until(
    async () => (await running.history(id)).find((item) => item.type === type),
    PATIENCE_MS,
    () => type,
  );
const tell = async (id: string, attempt: number, what: string, body: object = {}) =>
  expect((await center.tell(`${attemptIdOf(id, attempt)}/${what}`, body))?.status).toBe(200);
const outcome = (id: string, attempt: number, reported: string) => tell(id, attempt, 'outcome', { outcome: reported });
const typesOf = (history: readonly HistoryItem[]) => history.map(({ type }) => type);
const passSeconds = (seconds: number) => {
  const end = running.clock.now() + seconds * 1_000;
  return until(() => running.clock.now() >= end, PATIENCE_MS);
};

describe.concurrent('an attempt', TEST, () => {
  it('that failed is made again after the delay of its outcome, by the settings of that moment: an edit calls those who wait already', async () => {
    const outcomes = {
      busy: ['BUSY'],
      noAnswer: ['NO_ANSWER'],
      machine: ['ANSWERING_MACHINE', 'FAX'],
      error: ['ERROR_TONE', 'FAILED'],
    };
    const classes = Object.entries(outcomes);
    const ids = new Map<string, string[]>();
    for (const [kind, reported] of classes)
      for (const one of reported) {
        const { id } = await book('retries');
        await placed(id);
        await outcome(id, 1, one);
        ids.set(kind, [...(ids.get(kind) ?? []), id]);
      }
    const delays: Record<string, number> = { default: FAR, busy: FAR, noAnswer: FAR, machine: FAR, error: FAR };
    for (const [index, [kind]] of classes.entries()) {
      delays[kind] = SOON;
      await configureQueue(running, 'retries', { ...calm, dialRetryMinutes: delays });
      for (const id of ids.get(kind) ?? []) await placed(id, 2);
      for (const [later] of classes.slice(index + 1)) for (const id of ids.get(later) ?? []) expect(placesOf(id)).toHaveLength(1);
    }
  });

  it('is the last when the outcome is final, or when as many were made as the queue allows by then', async () => {
    const [invalid, often] = [await book('final'), await book('final')];
    await placed(invalid.id);
    await outcome(invalid.id, 1, 'INVALID_NUMBER');
    expect((await seen(invalid.id, 'CallbackCompleted')).data).toMatchObject({ reason: 'ATTEMPTS_EXHAUSTED' });
    await placed(often.id);
    await configureQueue(running, 'final', { ...calm, dialRetryMinutes: SOON, maxDialAttempts: 2 });
    await outcome(often.id, 1, 'BUSY');
    await placed(often.id, 2);
    await outcome(often.id, 2, 'NO_ANSWER');
    expect((await seen(often.id, 'CallbackCompleted')).data).toMatchObject({ reason: 'ATTEMPTS_EXHAUSTED' });
  });

  it('goes to the first region with a healthy node at that moment, and waits while none has one', async () => {
    const east = (healthy: boolean) => ({ region: 'east', node: 'e-1', healthy });
    const west = (healthy: boolean) => ({ region: 'west', node: 'w-1', healthy });
    const north = { region: 'north', node: 'n-1', healthy: true };
    const rule = { preferred: ['east'], fallback: ['west'], ignored: ['north'] };
    await running.asAdmin('PUT', '/rules/regions/coasts', rule, { 'if-none-match': '*' });
    expect((await running.asAdmin('PUT', '/queues/regions/rules', { regions: 'coasts' })).status).toBe(200);
    await configureQueue(running, 'regions', { ...calm, dialRetryMinutes: SOON });
    const say = async (...said: typeof nodes) => {
      nodes = said;
      await beat();
    };

    await say(east(true), { ...east(false), node: 'e-2' }, west(true), north);
    const { id } = await book('regions');
    expect((await placed(id)).region).toBe('east');
    await say(east(false), west(true), north);
    await outcome(id, 1, 'BUSY');
    expect((await placed(id, 2)).region).toBe('west');
    await say(east(false), west(false), north);
    await outcome(id, 2, 'BUSY');
    await seen(id, 'CallbackRequeued');
    const why = await until(
      async () => {
        const head = at((await running.asAdmin('GET', '/queues/regions/line')).body, 'items', 0, 'waitsFor');
        return head === 'NO_REGION' ? head : undefined;
      },
      PATIENCE_MS,
      async () => (await running.asAdmin('GET', '/queues/regions/line')).body,
    );
    expect(why).toBe('NO_REGION');
    expect(placesOf(id)).toHaveLength(2);
    const plain = await book('plain');
    expect((await placed(plain.id)).region).toBeNull();
    await say(east(true), west(false), north);
    expect((await placed(id, 3)).region).toBe('east');
  });

  it('isn’t made when the number rule was edited since the last, and the callback ends', async () => {
    await running.asAdmin('PUT', '/rules/numbers/home', { countries: ['US'] }, { 'if-none-match': '*' });
    expect((await running.asAdmin('PUT', '/queues/ruled/rules', { numbers: 'home' })).status).toBe(200);
    const { id } = await book('ruled');
    await placed(id);
    await outcome(id, 1, 'BUSY');
    await running.asAdmin('PUT', '/rules/numbers/home', { countries: ['US'], blockedPatterns: ['^1213'] }, { 'if-match': '*' });
    await configureQueue(running, 'ruled', { ...calm, dialRetryMinutes: SOON });
    expect((await seen(id, 'CallbackCompleted')).data).toMatchObject({ reason: 'REJECTED_BY_RULE' });
    expect(placesOf(id)).toHaveLength(1);
  });

  it('isn’t made when the number came on the do-not-call list since the last', async () => {
    const { id, phoneNumber } = await book('barred');
    await placed(id);
    await outcome(id, 1, 'NO_ANSWER');
    expect((await running.asAdmin('POST', '/do-not-call', { phoneNumber })).status).toBe(201);
    await configureQueue(running, 'barred', { ...calm, dialRetryMinutes: SOON });
    expect((await seen(id, 'CallbackCompleted')).data).toMatchObject({ reason: 'REJECTED_BY_RULE' });
    expect(placesOf(id)).toHaveLength(1);
  });

  it('that rings is withdrawn by a cancellation, and by nothing that would move the callback', async () => {
    const { id } = await book('ringing');
    await placed(id);
    await seen(id, 'CallbackAttemptPlaced');
    const before = await running.history(id);
    const desiredTime = new Date(running.clock.now() + 3_600_000).toISOString();
    const moved = [
      await running.asAdmin('POST', `/callbacks/${id}/reschedule`, { desiredTime }),
      await running.call('POST', `/api/callbacks/${id}/reschedule`, { 'x-api-key': given.BOOTSTRAP_API_KEY }, { desiredTime }),
    ];
    for (const answer of moved) expect(failureOf(answer)).toMatchObject({ status: 409 });
    expect(await running.history(id)).toEqual(before);
    expect((await running.asAdmin('POST', `/callbacks/${id}/cancel`, {})).status).toBe(200);
    await until(() => center.withdrawalsOf(id)[0], PATIENCE_MS);
    await tell(id, 1, 'withdrawn');
    await outcome(id, 1, 'ANSWERED');
    await tell(id, 1, 'connected', { agentId: 'someone-1' });
    const history = await running.history(id);
    expect(
      typesOf(history)
        .slice(before.length)
        .filter((type) => type !== 'CallbackWithdrawRequested'),
    ).toEqual(['CallbackCancelled', 'CallbackAttemptWithdrawn', 'CallbackReportDisregarded', 'CallbackReportDisregarded']);
    expect((await running.asAdmin('GET', `/callbacks/${id}`)).body).toMatchObject({ callbackReason: 'CANCELLED_BY_ADMIN' });
  });

  it('that nobody reports on is over after the report limit; /withdrawn before its placeBy lets the next come at once', async () => {
    await configureQueue(running, 'withdrawn', { ...calm, reportLimitSeconds: 20, ringLimitSeconds: 3_600, dialRetryMinutes: SOON });
    const [told, untold] = [await book('withdrawn'), await book('withdrawn')];
    const first = await placed(told.id);
    await placed(untold.id);
    for (const { id } of [told, untold]) expect((await seen(id, 'CallbackAttemptFailed')).data).toMatchObject({ outcome: 'TIMEOUT' });
    await until(() => center.withdrawalsOf(told.id)[0], PATIENCE_MS);
    await tell(told.id, 1, 'withdrawn');
    const next = await placed(told.id, 2);
    expect(next.at).toBeLessThan(Date.parse(first.placeBy));
    expect((await seen(untold.id, 'CallbackDeferred')).data).toMatchObject({ because: 'ATTEMPT_MAY_BE_LIVE' });
    expect(placesOf(untold.id)).toHaveLength(1);
  });

  it('that was withdrawn unasked, before its placeBy, has failed uncounted and is made again after the delay', async () => {
    await configureQueue(running, 'silent', { ...calm, dialRetryMinutes: SOON, maxDialAttempts: 1 });
    const { id } = await book('silent');
    await placed(id);
    await tell(id, 1, 'withdrawn');
    await placed(id, 2);
    await outcome(id, 2, 'BUSY');
    expect((await seen(id, 'CallbackCompleted')).data).toMatchObject({ reason: 'ATTEMPTS_EXHAUSTED' });
  });

  it('whose call never ends by any report ends after the handling limit, marked so', async () => {
    await configureQueue(running, 'handled', { ...calm, handlingLimitMinutes: 1 });
    const [talked, waited] = [await book('handled'), await book('handled')];
    for (const { id } of [talked, waited]) await placed(id);
    await tell(talked.id, 1, 'connected', { agentId: 'someone-2' });
    await outcome(waited.id, 1, 'ANSWERED');
    for (const [{ id }, reason] of [
      [talked, 'AGENT'],
      [waited, 'ABANDONED'],
    ] as const) {
      const end = await seen(id, 'CallbackCompleted');
      expect(end.data).toMatchObject({ reason, unreported: true, endedBy: null });
      const from = (await running.history(id)).findLast(({ type }) => type === 'CallbackConnected' || type === 'CallbackAttemptAnswered');
      expect(Date.parse(end.at) - Date.parse(from?.at ?? '')).toBeGreaterThanOrEqual(60_000);
    }
    await tell(talked.id, 1, 'ended', { by: 'AGENT' });
    expect((await running.history(talked.id)).at(-1)).toMatchObject({ type: 'CallbackReportDisregarded' });
  });

  it('that is reported on in time doesn’t time out, and who was connected and who ended it are known', async () => {
    const { id } = await book('timed');
    await placed(id);
    await outcome(id, 1, 'ANSWERED');
    await configureQueue(running, 'timed', { ...calm, reportLimitSeconds: 5 });
    await passSeconds(30);
    await tell(id, 1, 'connected', { agentId: 'someone-3' });
    await tell(id, 1, 'ended', { by: 'CUSTOMER' });
    const history = await running.history(id);
    expect(typesOf(history)).not.toContain('CallbackAttemptFailed');
    expect(history.at(-1)?.data).toMatchObject({ reason: 'AGENT', endedBy: 'CUSTOMER' });
    const { body } = await running.asAdmin('GET', `/callbacks/${id}`);
    expect(at(body, 'metrics', 'attempts', 0)).toMatchObject({ agentId: 'someone-3', outcome: 'ANSWERED' });
  });

  it('takes its agent when he is connected, and his end doesn’t give him back: the next report does', async () => {
    let told = 0;
    const say = (agents: readonly object[]) =>
      running.call(
        'PUT',
        '/contact-center/agents',
        { 'x-api-key': connectorKey },
        { source: 'one', sequence: ++told, full: false, agents },
      );
    const ready = { id: 'only', state: 'READY', queues: ['single'] };
    const alive = setInterval(() => void say([]).catch(() => undefined), 200);
    try {
      await say([ready]);
      const first = await book('single');
      await placed(first.id);
      const second = await book('single');
      await outcome(first.id, 1, 'ANSWERED');
      await passSeconds(20);
      await tell(first.id, 1, 'connected', { agentId: 'only' });
      await passSeconds(20);
      await tell(first.id, 1, 'ended', { by: 'AGENT' });
      await passSeconds(20);
      expect(placesOf(second.id)).toEqual([]);
      await say([ready]);
      await placed(second.id);
    } finally {
      clearInterval(alive);
    }
  });
});
