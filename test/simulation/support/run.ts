import { dirname, join } from 'node:path';
import { iso, sleepUntil, startClock } from '../../../src/clock.ts';
import { startEventStore } from '../../../src/embedded/event-store/start.ts';
import { type Answer, at, textAt } from '../../api/support/ask.ts';
import { type Fact, factsOf } from '../../crash/support/facts.ts';
import { connectorKey, FIRST_INSTANT, given, type HistoryItem, type Running, startRunning, until } from '../../service/running.ts';
import { freshPostgresDir } from '../../support/postgres.ts';
import { type Center, secret, startCenter, type Tell } from './contact-center.ts';
import { type Disturbed, disturb } from './disturbances.ts';
import { queueSettings, SLOT_MINUTES, SPEED } from './settings.ts';
import { MINUTE_MS, QUEUES, trafficOf, type Wish } from './traffic.ts';

const MINUTES = 60;
/** How long the machine may take for all that is open to end, once nobody books any more. */
const DRAIN_MS = 60_000;
const AGAIN_MS = 5_000;
const SLOT_MS = SLOT_MINUTES * MINUTE_MS;

/** A callback that was booked, whether its client cancelled it, and its history once all is quiet. */
export type Booked = { readonly wish: Wish; readonly id: string; cancelled: boolean; history: readonly HistoryItem[] };
export type Outcome = {
  /** By the number of the wish. */
  readonly booked: ReadonlyMap<number, Booked>;
  readonly center: Pick<Center, 'record' | 'said'>;
  readonly facts: readonly Fact[];
  readonly disturbed: Disturbed | undefined;
  /** What was answered otherwise than it should have been, a sentence each. */
  readonly faults: readonly string[];
};

export const isEnd = ({ type }: HistoryItem): boolean => type === 'CallbackCompleted' || type === 'CallbackCancelled';

/** Runs the traffic of a seed through a service of its own until nothing is open any more, or no longer moves; with or without faults. */
export const runTraffic = async ({ seed, isFaulty }: { readonly seed: number; readonly isFaulty: boolean }): Promise<Outcome> => {
  const dir = dirname(await freshPostgresDir());
  const clock = startClock({ start: FIRST_INSTANT, speed: SPEED });
  const faults: string[] = [];
  const booked = new Map<number, Booked>();
  let running: Running | undefined;

  /** Asks until the service answers. */
  const insist = async (send: (to: Running) => Promise<Answer>): Promise<Answer> => {
    for (;;) {
      const answer = await (running && send(running).catch(() => undefined));
      if (answer !== undefined && answer.status !== 503) return answer;
      await sleepUntil(clock, clock.now() + AGAIN_MS);
    }
  };
  const tell: Tell = async (method, path, body) => {
    const answer = await running?.call(method, path, { 'x-api-key': connectorKey }, body).catch(() => undefined);
    return answer?.status;
  };
  const change = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = { 'if-match': '*' }): Promise<void> => {
    const { status, text } = await insist(({ asAdmin }) => asAdmin('PUT', path, body, headers));
    if (status >= 300) faults.push(`${path} was answered ${status} ${text}`);
  };

  const customers = new Map(trafficOf(seed, FIRST_INSTANT, MINUTES).map((wish) => [wish.phoneNumber, wish]));
  const center = await startCenter({ clock, seed, isFaulty, customers, tell });
  const env = { ...given, CONNECTOR_URL: center.url, CONNECTOR_SECRET: secret };
  const start = async (): Promise<Running> => {
    running = await startRunning({ dir, env, start: clock.now(), speed: SPEED, clockSpeed: SPEED });
    return running;
  };
  const stop = async (): Promise<void> => {
    const stopping = running;
    running = undefined;
    await stopping?.close();
  };

  const book = async (wish: Wish, index: number): Promise<void> => {
    await sleepUntil(clock, wish.at);
    const { queue: serviceName, phoneNumber, desired, cancelAt } = wish;
    const wanted = desired === undefined ? {} : { desiredTime: iso(desired), alwaysCheckCapacity: true };
    const key = { 'idempotency-key': `wish-${index}` };
    const answer = await insist(({ asClient }) => asClient('/callbacks/create', { serviceName, phoneNumber, ...wanted }, key));
    if (answer.status === 429 && desired !== undefined) return; // its slot is full
    if (answer.status === 400 && desired !== undefined && desired < clock.now()) return; // the service was away for so long
    if (answer.status !== 200) {
      faults.push(`booking ${index} was answered ${answer.status} ${answer.text}`);
      return;
    }
    const one: Booked = { wish, id: textAt(answer.body, 'data', 'id'), cancelled: false, history: [] };
    booked.set(index, one);
    if (cancelAt === undefined) return;
    await sleepUntil(clock, cancelAt);
    const { status, text } = await insist(({ asClient }) => asClient('/callbacks/cancel', { id: one.id }));
    if (status === 200) one.cancelled = true;
    else if (status !== 400) faults.push(`cancelling ${one.id} was answered ${status} ${text}`); // it is over already
  };
  const drained = async (to: Running): Promise<void> => {
    for (const one of booked.values())
      await until(
        async () => {
          one.history = await to.history(one.id);
          return one.history.some(isEnd);
        },
        Math.max(0, drainUntil - performance.now()),
      ).catch(() => undefined); // the rules say what is wrong with it
  };
  const verified = async ({ asAdmin }: Running): Promise<void> => {
    const { status, text } = await asAdmin('POST', '/operations/verify', {});
    if (status !== 202) faults.push(`verifying was answered ${status} ${text}`);
    const task = await until(async () => {
      const found = at((await asAdmin('GET', '/operations/projections')).body, 'task');
      return typeof at(found, 'endedAt') === 'string' ? found : undefined;
    });
    const results = at(task, 'results');
    if (at(task, 'error') !== null || !Array.isArray(results) || results.length === 0)
      faults.push(`verifying came to ${JSON.stringify(task)}`);
    else
      for (const result of results)
        if (at(result, 'differing') !== 0) faults.push(`a read model isn't what a replay gives: ${JSON.stringify(result)}`);
  };

  let drainUntil = 0;
  try {
    await start();
    for (const queue of QUEUES) await change(`/queue-settings/${queue}`, queueSettings, {});
    center.begin();
    // starting takes a while on a clock as fast as this
    const wishes = trafficOf(seed, Math.ceil(clock.now() / SLOT_MS) * SLOT_MS, MINUTES);
    const restart = () => stop().then(start);
    const disturbing = isFaulty ? disturb({ seed, clock, center, change, restart }) : undefined;
    const [disturbed] = await Promise.all([disturbing, ...wishes.map(book)]);
    drainUntil = performance.now() + DRAIN_MS;
    if (running !== undefined) {
      await drained(running);
      await verified(running);
    }
    await stop();
    await center.close();
    const store = await startEventStore({ dir: join(dir, 'events') });
    const facts = await factsOf(store.connectionString).finally(store.close);
    return { booked, center, facts, disturbed, faults: [...faults, ...center.faults] };
  } finally {
    await stop();
    await center.close();
  }
};
