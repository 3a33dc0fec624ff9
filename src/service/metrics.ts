import type { Kysely } from 'kysely';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { WaitingLines } from '../live/waiting-lines.ts';
import { parkedCounts } from '../processes/kit/parked.ts';
import type { RebuildProgress } from '../projections/kit/beside.ts';
import type { Worker } from './worker.ts';

/** Figures of the process and of the work, read when they are asked for: of every queue, also 0. No label carries personal data. */
export const serviceMetrics = (
  lines: WaitingLines,
  queues: () => readonly string[],
  worker: () => Worker | undefined,
  db: Kysely<unknown>,
): Registry => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'ringback_callbacks_waiting',
    help: 'Callbacks in line for an agent, by queue',
    labelNames: ['queue'],
    registers,
    collect() {
      this.reset();
      for (const queue of new Set([...queues(), ...lines.waitingQueues()])) this.set({ queue }, lines.inLine(queue));
    },
  });
  new Gauge({
    name: 'ringback_attempts_in_flight',
    help: 'Attempts from their decision until they fail, connect or end, by queue',
    labelNames: ['queue'],
    registers,
    collect() {
      this.reset();
      const inFlight = lines.inFlight();
      for (const queue of new Set([...queues(), ...inFlight.keys()])) this.set({ queue }, inFlight.get(queue) ?? 0);
    },
  });
  new Gauge({
    name: 'ringback_worker',
    help: '1 on the node that does the work',
    registers,
    collect() {
      this.set(worker() === undefined ? 0 : 1);
    },
  });
  new Gauge({
    name: 'ringback_projection_lag_seconds',
    help: 'How far a read model is behind the log, on the node that does the work',
    labelNames: ['projection'],
    registers,
    collect() {
      this.reset();
      for (const { name, lagMs } of worker()?.work.engine.progress() ?? [])
        if (lagMs !== null) this.set({ projection: name }, lagMs / 1000);
    },
  });
  new Gauge({
    name: 'ringback_projection_blocked_keys',
    help: 'Keys of a read model that wait for a repair',
    labelNames: ['projection'],
    registers,
    collect() {
      this.reset();
      for (const { name, blocked } of worker()?.work.engine.progress() ?? []) this.set({ projection: name }, blocked);
    },
  });
  new Gauge({
    name: 'ringback_parked_entries',
    help: 'What a process owes and could not do in all its tries, on the node that does the work',
    labelNames: ['process'],
    registers,
    async collect() {
      this.reset();
      if (worker() === undefined) return;
      const counts = await parkedCounts(db).catch(() => []); // without Postgres the other figures are worth having
      for (const { process, count } of counts) this.set({ process }, count);
    },
  });
  const rebuild = (name: string, help: string, figure: (progress: RebuildProgress) => number | null) =>
    new Gauge({
      name: `ringback_rebuild_${name}`,
      help: `${help}; absent while nothing is rebuilt or verified`,
      labelNames: ['phase'],
      registers,
      collect() {
        this.reset();
        const progress = worker()?.work.engine.building();
        const value = progress === undefined ? null : figure(progress);
        if (progress !== undefined && value !== null) this.set({ phase: progress.phase }, value);
      },
    });
  rebuild('events', 'Events that a rebuild or a verification has folded', ({ events }) => events);
  rebuild('events_per_second', 'How fast it folds them', ({ eventsPerSecond }) => eventsPerSecond);
  rebuild('seconds_left', 'How long it is likely to take', ({ secondsLeft }) => secondsLeft);
  return registry;
};
