import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { startClock } from '../../src/clock.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { startProjections } from '../../src/projections/kit/engine.ts';
import { say } from '../kit/figure.ts';
import { optionsOf } from '../kit/options.ts';
import { quantile } from '../kit/quantile.ts';
import { allModels, booking, context, figure, lifeOf, quiet, withStack } from './harness.ts';

const SECONDS = 10;
const { rate: RATE } = optionsOf({ rate: 1_500 }); // events a second

await withStack(async ({ store, db, takeKey }) => {
  const engine = startProjections({ db, store, clock: startClock(), models: allModels(), log: quiet });
  await engine.caughtUp();
  say(`Appends at ${RATE} events/s for ${SECONDS} s: from the append's answer to the last read model having it.`);
  const lags: number[] = [];
  const pending: Promise<void>[] = [];
  const one = async (n: number, sampled: boolean) => {
    const stream = callbackStream(`lag-${n}`);
    await store.append(stream, [booking(n, await takeKey())], 'no-stream', context());
    const appended = await store.append(stream, lifeOf(n, '').rest.slice(0, 3), 'any', context());
    if (!appended.ok || !sampled) return;
    const start = performance.now();
    if (!(await engine.waitFor(appended.position, 60_000))) throw new Error('never projected');
    lags.push(performance.now() - start);
  };
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const start = performance.now();
  for (let n = 0; performance.now() - start < SECONDS * 1_000; ) {
    const due = ((performance.now() - start) / 1_000) * (RATE / 4);
    while (n < due) pending.push(one(n++, n % 5 === 0));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(pending);
  delay.disable();
  figure('lag/events', (pending.length * 4 * 1_000) / (performance.now() - start), 'events/s');
  figure('lag/p50', quantile(lags, 0.5), 'ms');
  figure('lag/p99', quantile(lags, 0.99), 'ms', 250);
  figure('lag/event-loop-delay-p99', delay.percentile(99) / 1e6, 'ms', 50);
  await engine.close();
});
