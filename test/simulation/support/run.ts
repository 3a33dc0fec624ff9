import { type Clock, iso, sleepUntil } from '../../../src/clock.ts';
import { type Answer, at, textAt } from '../../api/support/ask.ts';
import { type Fact, factsOf } from '../../crash/support/facts.ts';
import { FIRST_INSTANT, type HistoryItem } from '../../service/running.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { type Center, startCenter } from './center/contact-center.ts';
import { secret } from './center/port.ts';
import type { Tell } from './center/tell.ts';
import { disturb } from './disturb.ts';
import { layGround } from './node/ground.ts';
import type { Node, Told } from './node/node.ts';
import { type Nodes, nodesOn, type Up } from './node/nodes.ts';
import type { Disturbance } from './plan.ts';
import { queueSettings } from './settings.ts';
import { DAY_MS, MINUTE_MS, QUEUES, type Wish } from './traffic.ts';

const AGAIN_MS = 5_000;
const LOOK_MS = 10 * MINUTE_MS;
/** Of the clock, for all that is open to end once nobody books any more. */
const DRAIN_MS = DAY_MS;
/** A machine may be slow. */
const LONGEST_SETTLE_MS = 60_000;

/** What happens in a run. Agents are in from the start of each day until an hour after the last booking of it. */
export type Scenario = {
  readonly seed: number;
  readonly days: number;
  readonly minutes: number;
  readonly wishes: readonly Wish[];
  readonly plan: readonly Disturbance[];
  /** Whether the contact center loses, repeats and delays what it says. */
  readonly badReports: boolean;
};

/** A callback that was booked, whether its client cancelled it, and its history once all is quiet. */
export type Booked = { readonly wish: Wish; readonly id: string; cancelled: boolean; history: readonly HistoryItem[] };
export type Outcome = {
  readonly scenario: Scenario;
  /** By the number of the wish. */
  readonly booked: ReadonlyMap<number, Booked>;
  readonly center: Pick<Center, 'record' | 'said'>;
  readonly up: readonly Up[];
  readonly facts: readonly Fact[];
  /** What was answered otherwise than it should have been, a sentence each. */
  readonly faults: readonly string[];
};

export const isEnd = ({ type }: HistoryItem): boolean => type === 'CallbackCompleted' || type === 'CallbackCancelled';

/** Asks until a node answers. */
const insistOn =
  (clock: Clock, nodes: () => Nodes | undefined) =>
  async (send: (to: Node) => Promise<Told>): Promise<Answer> => {
    for (;;) {
      const node = nodes()?.current();
      const answer = node && (await send(node));
      if (answer !== undefined && answer.status !== 503) return answer;
      await sleepUntil(clock, clock.now() + AGAIN_MS);
    }
  };

/** Plays a scenario with a service of its own, on a clock that stands still while anything is done, until nothing is open or moves any more. */
export const runScenario = async (scenario: Scenario): Promise<Outcome> => {
  const { seed, days, minutes, wishes, plan, badReports } = scenario;
  const faults: string[] = [];
  const booked = new Map<number, Booked>();
  let nodes: Nodes | undefined;
  const clock = manualClock(FIRST_INSTANT, () => nodes?.isBusy() ?? false, LONGEST_SETTLE_MS);

  const insist = insistOn(clock, () => nodes);
  const tell: Tell = async (method, path, body) => (await nodes?.current()?.asConnector(method, path, body))?.status;
  const change = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = { 'if-match': '*' }): Promise<void> => {
    const { status, text } = await insist(({ asAdmin }) => asAdmin('PUT', path, body, headers));
    if (status >= 300) faults.push(`${path} was answered ${status} ${text}`);
  };
  const book = async (wish: Wish): Promise<void> => {
    await sleepUntil(clock, wish.at);
    const { index, queue: serviceName, phoneNumber, desired, cancelAt } = wish;
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
  const drained = async (): Promise<void> => {
    const limit = clock.now() + DRAIN_MS;
    for (const one of booked.values())
      for (;;) {
        one.history = (await nodes?.current()?.history(one.id)) ?? [];
        if (one.history.some(isEnd) || clock.now() > limit) break; // the rules say what is wrong with it
        await sleepUntil(clock, clock.now() + LOOK_MS);
      }
  };
  const verified = async (): Promise<void> => {
    const { status, text } = await insist(({ asAdmin }) => asAdmin('POST', '/operations/verify', {}));
    if (status !== 202) faults.push(`verifying was answered ${status} ${text}`);
    let task: unknown;
    while (typeof at(task, 'endedAt') !== 'string') {
      await sleepUntil(clock, clock.now() + 1_000);
      task = at((await insist(({ asAdmin }) => asAdmin('GET', '/operations/projections'))).body, 'task');
    }
    const results = at(task, 'results');
    if (at(task, 'error') !== null || !Array.isArray(results) || results.length === 0)
      faults.push(`verifying came to ${JSON.stringify(task)}`);
    else
      for (const result of results)
        if (at(result, 'differing') !== 0) faults.push(`a read model isn't what a replay gives: ${JSON.stringify(result)}`);
  };

  const customers = new Map(wishes.map((wish) => [wish.phoneNumber, wish]));
  const center = await startCenter({ clock, seed, isFaulty: badReports, customers, tell });
  const ground = await layGround(clock, { CONNECTOR_URL: center.url, CONNECTOR_SECRET: secret });
  nodes = nodesOn(
    ground,
    (line) => faults.push(`a node logged ${line}`),
    () => void center.sayAgents(),
  );
  const works = async (day: number): Promise<void> => {
    await sleepUntil(clock, FIRST_INSTANT + day * DAY_MS);
    center.logIn();
    await sleepUntil(clock, FIRST_INSTANT + day * DAY_MS + (minutes + 60) * MINUTE_MS);
    center.logOut(Number.POSITIVE_INFINITY);
  };
  const played = async (nodes: Nodes): Promise<void> => {
    await nodes.start();
    for (const queue of QUEUES) await change(`/queue-settings/${queue}`, queueSettings, {});
    const allDays = Array.from({ length: days }, (_, day) => works(day));
    await Promise.all([...allDays, disturb({ plan, clock, center, ground, nodes, change }), ...wishes.map(book)]);
    await drained();
    await verified();
  };
  try {
    let over: { readonly error?: unknown } | undefined;
    void played(nodes).then(
      () => {
        over = {};
      },
      (error: unknown) => {
        over = { error };
      },
    );
    await clock.advanceUntil(() => over !== undefined, (days + 2) * DAY_MS + DRAIN_MS);
    if (over !== undefined && 'error' in over) throw over.error;
    await nodes?.close();
    await center.close();
    await ground.store.close(); // another client's end would leave it without answers
    const facts = await factsOf(ground.connectionString);
    return { scenario, booked, center, up: nodes?.up ?? [], facts, faults: [...faults, ...center.faults()] };
  } finally {
    await nodes?.close();
    await center.close();
    await ground.close();
  }
};
