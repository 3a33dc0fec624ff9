import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { basename } from 'node:path';
import { type Clock, iso, sleepUntil, startClock } from '../clock.ts';
import { type AgentOccupancy, type AgentSettings, agentsOnEveryQueue } from '../integrations/simulator/agents.ts';
import { arrivalInstants, readArrivals } from './arrivals.ts';
import { demoClock } from './demo-clock.ts';
import type { DemoOptions } from './options.ts';
import { planBookings } from './plan.ts';
import { type Played, playBookings } from './play.ts';
import { progressLine, progressText, type Terminal } from './progress.ts';
import { type ListedCallback, type ServiceApi, serviceApi } from './service-api.ts';
import { demo, queueLimits } from './settings.ts';
import { type DemoState, readDemoState, writeDemoState } from './state-file.ts';
import { type Summary, summarize } from './summary.ts';
import { summaryTable } from './summary-table.ts';

/** A running service with its simulated contact center. `agents` tells how their time was spent since it started. */
export type DemoService = {
  readonly url: string;
  readonly apiKey: string;
  readonly adminToken: string;
  readonly agents: () => readonly AgentOccupancy[];
  readonly close: () => Promise<void>;
};

/**
 * Starts a service of the demo's own: on `dataDir`, living by `clock`, with the simulated contact center whatever connector is
 * configured (the customers are made up; nobody may be dialed), its `speed` 1 and its `clockSpeed` this one.
 */
export type StartDemoService = (options: {
  readonly clock: Clock;
  readonly clockSpeed: number;
  readonly dataDir: string;
  readonly seed: number;
  readonly agents: readonly AgentSettings[];
}) => Promise<DemoService>;

export type DemoDeps = {
  readonly startService: StartDemoService;
  readonly dataDir: string;
  readonly out: Terminal;
  readonly err: Terminal;
  /** Aborted: the demo stops where it is, and goes on from there when started again. */
  readonly signal: AbortSignal;
  /** The machine's time; its monotonic clock when left out. */
  readonly machine?: Clock;
};

const DAY_MS = 24 * 3_600_000;

/** An agent's time over several runs of the demo. */
export const addOccupancy = (before: readonly AgentOccupancy[], now: readonly AgentOccupancy[]): readonly AgentOccupancy[] => {
  const earlier = new Map(before.map((agent) => [agent.id, agent]));
  const added = now.map((agent) => {
    const past = earlier.get(agent.id);
    earlier.delete(agent.id);
    if (past === undefined) return agent;
    return {
      ...agent,
      readyMs: past.readyMs + agent.readyMs,
      busyMs: past.busyMs + agent.busyMs,
      awayMs: past.awayMs + agent.awayMs,
      outMs: past.outMs + agent.outMs,
      calls: past.calls + agent.calls,
    };
  });
  return [...added, ...earlier.values()];
};

const historiesOf = async (api: ServiceApi, callbacks: readonly ListedCallback[]) => {
  const histories: Awaited<ReturnType<ServiceApi['history']>>[] = [];
  for (let i = 0; i < callbacks.length; i += demo.historiesInFlight)
    histories.push(...(await Promise.all(callbacks.slice(i, i + demo.historiesInFlight).map(({ id }) => api.history(id)))));
  return histories;
};

/**
 * Plays a day of arrivals through a service of its own, over HTTP, and prints how it went. It ends when the day is over and every
 * callback booked is COMPLETED, or six hours of the clock's time after the day; then the summary says what was left. Its clock begins at
 * the day and, started again on the same folder, goes on where it was. Resolves to nothing when `signal` stopped it. Throws a refusal
 * when the arrivals or the folder don't fit, or the service refuses what the demo needs.
 */
export const runDemo = async (options: DemoOptions, deps: DemoDeps): Promise<Summary | undefined> => {
  const { file, day, speed, seed, share, scheduled } = options;
  const { dataDir, out, err } = deps;
  const machine = deps.machine ?? startClock({ start: Date.now(), speed: 1 });
  const dayStart = Date.parse(`${day}T00:00:00Z`);
  const dayEnd = dayStart + DAY_MS;

  const intervals = await readArrivals(file, day);
  const arrivals = arrivalInstants(intervals, day, seed);
  const bookings = planBookings(arrivals, options);
  const digest = createHash('sha256').update(JSON.stringify(intervals)).digest('hex').slice(0, 16);
  const identity = { file: basename(file), day, arrivals: digest, seed, share, scheduled };
  const kept = readDemoState(dataDir, identity);

  let played: Played = { settled: kept?.settled ?? 0, refused: kept?.refused ?? {} };
  let service: DemoService | undefined;
  const agents = () => addOccupancy(kept?.agents ?? [], service?.agents() ?? []);
  const stateAt = (instant: number): DemoState => ({
    demo: identity,
    instant,
    ...played,
    refused: { ...played.refused },
    agents: [...agents()],
  });
  const time = demoClock({
    machine,
    start: kept?.instant ?? dayStart,
    everyMs: demo.saveEveryMs,
    aheadMs: demo.saveAheadMs,
    save: (instant) => writeDemoState(dataDir, stateAt(instant)),
  });
  const { clock } = time;

  const failed = new AbortController();
  const signal = AbortSignal.any([deps.signal, failed.signal]);
  setMaxListeners(0, signal); // every request on its way listens
  const line = progressLine(err);
  let api: ServiceApi | undefined;
  try {
    service = await deps.startService({ clock, clockSpeed: speed, dataDir, seed, agents: agentsOnEveryQueue(options.agents) });
    api = serviceApi({ url: service.url, apiKey: service.apiKey, adminToken: service.adminToken, clock, clockSpeed: speed, signal });
    await api.setLimits(queueLimits(speed));
    time.run(speed);

    const playing = playBookings({
      bookings,
      from: played,
      clock,
      book: api.book,
      progressed: (next) => {
        played = next;
      },
      signal,
    }).catch((error: unknown) => failed.abort(error));

    const [from, to] = [iso(dayStart - DAY_MS), iso(dayEnd + DAY_MS)];
    const refusedSoFar = () => Object.values(played.refused).reduce((a, b) => a + b, 0);
    let callbacks: readonly ListedCallback[] = [];
    for (let over = false; !over; ) {
      await sleepUntil(machine, machine.now() + demo.lookEveryMs, signal);
      signal.throwIfAborted();
      const now = clock.now();
      callbacks = await api.callbacks(from, to);
      line.show(
        progressText({ instant: now, arrived: arrivals.filter((a) => a <= now).length, offered: arrivals.length, callbacks }),
        machine.now(),
      );
      const settled = played.settled === bookings.length && callbacks.length >= bookings.length - refusedSoFar();
      const done = settled && callbacks.every(({ callbackState }) => callbackState === 'COMPLETED');
      over = now >= dayEnd && (done || now >= dayEnd + demo.overtimeMs);
    }
    line.end();
    await playing;
    const histories = await historiesOf(api, callbacks);
    const summary = summarize({
      day,
      offered: arrivals.length,
      planned: bookings.length,
      refused: played.refused,
      callbacks,
      histories,
      agents: agents(),
    });
    out.write(summaryTable(summary));
    return summary;
  } catch (error) {
    if (!deps.signal.aborted) throw error;
    line.end();
    err.write(`Stopped at ${iso(clock.now())}; start it again to go on from there.\n`);
    return undefined;
  } finally {
    failed.abort();
    api?.close();
    await service?.close().finally(time.stop);
    time.stop();
  }
};
