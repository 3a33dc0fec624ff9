import { performance } from 'node:perf_hooks';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { processProjection } from '../../src/processes/kit/process-projection.ts';
import { applyBatch, type Event, type Kept, type Projection, workOf } from '../../src/projections/kit/projection.ts';
import { allProcesses, allProjections } from '../../test/laws/discover.ts';
import { say } from '../kit/figure.ts';
import { context, figure, lifeOf } from './harness.ts';

const CALLBACKS = 20_000;
const BATCH = 2_000;

const history = (): Event[] => {
  let position = 0n;
  const metadata = { version: 1, ...context() };
  return Array.from({ length: CALLBACKS }, (_, n) => {
    const { id, own, decision, rest } = lifeOf(n, 'key');
    return [...own, decision, ...rest].map((event, i): Event => {
      const streamId = event === decision ? 'dispatch' : callbackStream(id);
      return { ...event, id: `${n}-${i}`, streamId, revision: BigInt(i), position: position++, metadata };
    });
  }).flat();
};

const events = history();
const folds: readonly Projection[] = [...allProjections, ...allProcesses.map(processProjection)];
say(`Folds of ${events.length} events in memory, in batches of ${BATCH}, one projection or process at a time.`);
let [total, work] = [0, 0];
for (const projection of folds) {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const rows = new Map<string, Kept>();
  for (let at = 0; at < events.length; at += BATCH) {
    for (const [key, row] of applyBatch(projection, rows, workOf(projection, events.slice(at, at + BATCH))).changed) rows.set(key, row);
  }
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  total += ms;
  work += user + system;
  figure(`fold/${projection.name}`, (events.length * 1_000) / ms, 'events/s');
  figure(`fold/${projection.name}/work`, (user + system) / events.length, 'µs of all threads an event');
}
figure('fold/all', (events.length * 1_000) / total, 'events/s');
figure('fold/all/work', work / events.length, 'µs of all threads an event');
