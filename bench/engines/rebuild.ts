import { performance } from 'node:perf_hooks';
import { startClock } from '../../src/clock.ts';
import { startProjections } from '../../src/projections/kit/engine.ts';
import { allModels, appendLives, figure, quiet, say, withStack } from './harness.ts';

const CALLBACKS = Number(process.env.CALLBACKS ?? 20_000);

const timed = async (run: () => Promise<void>): Promise<number> => {
  const start = performance.now();
  await run();
  return performance.now() - start;
};

await withStack(async (stack) => {
  const { store, client, db } = stack;
  const events = await appendLives(stack, CALLBACKS);
  say(`A rebuild of all read models from ${events} events, all keys present, beside the same reads without it.`);
  const perSecond = (ms: number) => (events * 1_000) / ms;

  const follow = async (personal: boolean) => {
    const stop = new AbortController();
    for await (const feed of store.follow({ after: undefined, personal, signal: stop.signal })) if (feed.kind === 'caught-up') break;
    stop.abort();
  };
  const raw = async () => {
    for await (const _ of client.readAll());
  };
  await raw(); // warm
  const read = perSecond(Math.min(await timed(raw), await timed(raw)));
  figure('rebuild/raw-read-all', read, 'events/s');
  figure('rebuild/follow-decoded', perSecond(await timed(() => follow(false))), 'events/s');
  figure('rebuild/follow-opened', perSecond(await timed(() => follow(true))), 'events/s');

  const engine = startProjections({ db, store, clock: startClock(), models: allModels(), log: quiet });
  const first = await timed(() => engine.caughtUp());
  figure('rebuild/first-build', perSecond(first), 'events/s');
  const cpu = process.cpuUsage();
  const ms = await timed(() => engine.rebuild());
  const used = process.cpuUsage(cpu);
  figure('rebuild/all', perSecond(ms), 'events/s');
  figure('rebuild/share-of-raw', perSecond(ms) / read, '', 0.8);
  figure('rebuild/cores-used', (used.user + used.system) / 1_000 / ms, 'cores');
  for (const { projection } of allModels()) {
    figure(`rebuild/only-${projection.name}`, perSecond(await timed(() => engine.rebuild([projection.name]))), 'events/s');
  }
  figure('rebuild/memory', process.memoryUsage().rss / 2 ** 20, 'MiB');
  const differing = (await engine.verify()).flatMap((one) => one.differing);
  if (differing.length > 0) throw new Error(`the rebuilt tables differ: ${differing.slice(0, 3).join(', ')}`);
  await engine.close();
});
