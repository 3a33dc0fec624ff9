import { performance } from 'node:perf_hooks';
import { iso } from '../../src/clock.ts';
import { initialConfiguration } from '../../src/domain/configuration/state.ts';
import type { Ageing } from '../../src/domain/dispatch/order.ts';
import { departuresView } from '../../src/live/departures.ts';
import { type Waiting, waitingLine } from '../../src/live/waiting-line.ts';
import { waitingLinesView } from '../../src/live/waiting-lines.ts';
import { say } from '../kit/figure.ts';
import { heldMiB } from '../kit/held.ts';
import { optionsOf } from '../kit/options.ts';
import { quantile } from '../kit/quantile.ts';
import { recorded } from '../kit/recorded.ts';
import { booking, figure, lifeOf } from './harness.ts';

const START = Date.UTC(2026, 0, 1);
const SAMPLES = 2_000;
const ageing: Ageing = { initial: 5, increment: 1, everySeconds: 600, limit: 900 };

/** Somebody in line; in no order of entry, and of eleven priorities. */
const person = (n: number, all: number): Waiting => ({
  id: `callback-${n}`,
  priority: n % 11 === 0 ? null : (n % 11) * 10,
  enteredAt: START + ((n * 7_919) % all) * 100,
});

const times = (work: (n: number) => void): number => {
  const taken: number[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    const start = performance.now();
    work(n);
    taken.push((performance.now() - start) * 1_000);
  }
  return quantile(taken, 0.99);
};

for (const waiting of [10_000, 1_000_000]) {
  say(`One line of ${waiting}: the 99th percentile of ${SAMPLES} operations each.`);
  const line = waitingLine();
  for (let n = 0; n < waiting; n++) line.add(person(n, waiting));
  const now = START + waiting * 100;
  const one = (n: number) => person((n * 104_729) % waiting, waiting);
  figure(
    `line/${waiting}/position`,
    times((n) => void line.ahead(one(n), ageing, now)),
    'µs',
  );
  figure(
    `line/${waiting}/head`,
    times(() => void line.inOrder(ageing, now).next()),
    'µs',
  );
  figure(
    `line/${waiting}/remove`,
    times((n) => line.remove(one(n))),
    'µs',
  );
  figure(
    `line/${waiting}/insert`,
    times((n) => line.add(one(n))),
    'µs',
  );
  if (line.size() !== waiting) throw new Error('somebody got lost');
}

const { callbacks: CALLBACKS } = optionsOf({ callbacks: 1_000_000 });
say(`The waiting lines of all queues, with ${CALLBACKS} callbacks that wait.`);
const before = heldMiB();
const clock = { now: () => START, at: () => () => {} };
const lines = waitingLinesView(() => initialConfiguration, clock, departuresView());
const start = performance.now();
for (let n = 0; n < CALLBACKS; n++) {
  lines.apply(recorded(n, booking(n % 1_000, 'key', iso(START))));
  lines.apply(recorded(n, lifeOf(n % 1_000, 'key').own[1] ?? booking(n, 'key')));
}
figure('line/fold', (2 * CALLBACKS * 1_000) / (performance.now() - start), 'events/s');
figure('line/memory', heldMiB() - before, 'MiB');
if (lines.inLine('q1') === 0) throw new Error('nobody waits');
