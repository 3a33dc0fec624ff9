import { performance } from 'node:perf_hooks';
import { startClock } from '../../src/clock.ts';
import { startProjections } from '../../src/projections/kit/engine.ts';
import { applyBatch, type Event, type Kept, workOf } from '../../src/projections/kit/projection.ts';
import type { OnProgress } from '../../src/projections/kit/rebuild.ts';
import { say } from '../kit/figure.ts';
import { heldMiB } from '../kit/held.ts';
import { optionsOf } from '../kit/options.ts';
import { allModels, appendLives, figure, quiet, type Stack, withStack } from './harness.ts';

const BATCH = 2_000;
/** `each`: 1 also rebuilds every model alone. */
const { events: ABOUT, each } = optionsOf({ events: 160_000, each: 0 });
const EVENTS_A_CALLBACK = 8;
const MEMORY_SAMPLES = 4;

type Cost = { readonly ms: number; readonly cpuMs: number };

/** Time that passed, and time that all threads worked: the second hardly depends on what else the machine does. */
const cost = async (run: () => Promise<void>): Promise<Cost> => {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1_000 };
};

/** What a rebuild does but for its tables: every model's fold in memory, of all that the log has. */
const foldAll = async (store: Stack['store']): Promise<void> => {
  const folds = allModels().map(({ projection }) => ({ projection, rows: new Map<string, Kept>() }));
  const stop = new AbortController();
  let batch: Event[] = [];
  const fold = () => {
    for (const { projection, rows } of folds)
      for (const [key, row] of applyBatch(projection, rows, workOf(projection, batch)).changed) {
        if (row.row === undefined) rows.delete(key);
        else rows.set(key, row);
      }
    batch = [];
  };
  for await (const feed of store.follow({ after: undefined, personal: true, signal: stop.signal })) {
    if (feed.kind === 'event') batch.push(feed.event);
    if (batch.length === BATCH || feed.kind === 'caught-up') fold();
    if (feed.kind === 'caught-up') break;
  }
  stop.abort();
};

/** Hears how a build comes along, and what this thread holds on to meanwhile, above what it held before: it must not grow with the log. */
const memoryMeter = (events: number) => {
  const before = heldMiB();
  const samples: [number, number][] = [];
  const heard: OnProgress = ({ phase, events: read }) => {
    if (phase === 'reading' && read >= ((samples.length + 1) * events) / (MEMORY_SAMPLES + 1)) samples.push([read, heldMiB() - before]);
  };
  const tell = () => {
    for (const [read, held] of samples) figure(`rebuild/memory/after-${read}-events`, held, 'MiB more held');
  };
  return { heard, tell };
};

await withStack(async (stack) => {
  const { store, client, db } = stack;
  const events = await appendLives(stack, Math.ceil(ABOUT / EVENTS_A_CALLBACK));
  say(`A rebuild of all read models from ${events} events, all keys present, beside the same reads without it.`);
  const worked = new Map<string, number>(); // µs an event, of all threads
  const tell = (name: string, { ms, cpuMs }: Cost): number => {
    const rate = (events * 1_000) / ms;
    worked.set(name, (cpuMs * 1_000) / events);
    figure(`rebuild/${name}`, rate, 'events/s');
    figure(`rebuild/${name}-cpu`, (cpuMs * 1_000) / events, 'µs/event');
    return rate;
  };

  const memory = memoryMeter(events);
  const engine = startProjections({ db, store, clock: startClock(), models: allModels(), log: quiet, onProgress: memory.heard });
  tell('first-build', await cost(() => engine.caughtUp()));
  memory.tell();

  const follow = async (personal: boolean) => {
    const stop = new AbortController();
    for await (const feed of store.follow({ after: undefined, personal, signal: stop.signal })) if (feed.kind === 'caught-up') break;
    stop.abort();
  };
  const raw = async () => {
    for await (const _ of client.readAll());
  };
  await raw(); // warm
  const read = tell('raw-read-all', await cost(raw));
  tell('follow-decoded', await cost(() => follow(false)));
  tell('follow-opened', await cost(() => follow(true)));
  tell('follow-folded', await cost(() => foldAll(store)));

  const rebuilt = tell('all', await cost(() => engine.rebuild()));
  figure('rebuild/share-of-raw', rebuilt / read, '', 0.8);
  const of = (name: string) => worked.get(name) ?? 0;
  const stages = ['raw-read-all', 'follow-decoded', 'follow-opened', 'follow-folded', 'all'];
  for (const [i, stage] of ['read', 'decode', 'open', 'fold', 'load-and-write'].entries())
    figure(`rebuild/stage-${stage}`, (of(stages[i] ?? '') - of(stages[i - 1] ?? '')) / of('all'), 'of the work of all threads');
  if (each === 1)
    for (const { projection } of allModels()) tell(`only-${projection.name}`, await cost(() => engine.rebuild([projection.name])));
  figure('rebuild/resident-memory', process.memoryUsage().rss / 2 ** 20, 'MiB, with all stores');
  const differing = (await engine.verify()).flatMap((one) => one.differing);
  if (differing.length > 0) throw new Error(`the rebuilt tables differ: ${differing.slice(0, 3).join(', ')}`);
  await engine.close();
});
