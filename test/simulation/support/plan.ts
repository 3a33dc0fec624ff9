import { type Random, seeded } from '../../crash/support/random.ts';
import type { Death } from './node/node-store.ts';
import { DAY_MS, MINUTE_MS } from './traffic.ts';

type While = { readonly from: number; readonly until: number };

/** What goes wrong in a run, and what people change in it, at instants of the clock (epoch ms). */
export type Disturbance =
  | ({ readonly kind: 'CONNECTOR_DOWN' } & While)
  | ({ readonly kind: 'AGENTS_GONE'; readonly count: number } & While)
  | ({ readonly kind: 'QUEUE_STOPPED' } & While)
  | ({ readonly kind: 'QUEUES_PACED' } & While)
  | ({ readonly kind: 'POSTGRES_SLOW'; readonly pauseMs: number } & While)
  | ({ readonly kind: 'NODE_KILLED'; readonly death: Death } & While)
  | { readonly kind: 'NODE_RESTARTED'; readonly from: number }
  /** The read models are lost, too: the log is replayed. */
  | { readonly kind: 'NODE_REBUILT'; readonly from: number }
  | { readonly kind: 'PRIORITIES_AGE'; readonly from: number }
  | { readonly kind: 'PURGE_SOONER'; readonly from: number };

const during = (random: Random, begin: number, [from, to]: readonly [number, number], [least, most]: readonly [number, number]): While => {
  const start = Math.floor(begin + random.between(from, to) * MINUTE_MS);
  return { from: start, until: Math.floor(start + random.between(least, most) * MINUTE_MS) };
};

/** The disturbances of a seed: each day has some of each kind. `minutes`: how long somebody books on a day. */
export const planOf = (seed: number, start: number, days: number, minutes: number): readonly Disturbance[] => {
  const random = seeded(seed + 1);
  const plan: Disturbance[] = [];
  for (let day = 0; day < days; day++) {
    const begin = start + day * DAY_MS;
    const some = (least: number, most: number) => during(random, begin, [2, minutes], [least, most]);
    const death = (): Death => ({ appends: Math.ceil(random.between(0, 12)), when: random.next() < 0.5 ? 'BEFORE' : 'AFTER' });
    plan.push(
      { kind: 'CONNECTOR_DOWN', ...some(2, 8) },
      { kind: 'AGENTS_GONE', count: 2, ...some(6, 10) },
      { kind: 'AGENTS_GONE', count: 4, ...some(3, 8) },
      { kind: 'QUEUE_STOPPED', ...some(4, 10) },
      { kind: 'QUEUES_PACED', ...some(10, 16) },
      { kind: 'POSTGRES_SLOW', pauseMs: Math.floor(random.between(500, 5_000)), ...some(5, 15) },
      { kind: 'NODE_KILLED', death: death(), ...some(0.1, 2) },
      { kind: 'NODE_KILLED', death: death(), ...some(0.1, 2) },
      { kind: 'NODE_RESTARTED', from: some(0, 0).from },
    );
    if (day === 0) plan.push({ kind: 'PRIORITIES_AGE', from: some(0, 0).from }, { kind: 'PURGE_SOONER', from: some(0, 0).from });
  }
  return plan;
};
