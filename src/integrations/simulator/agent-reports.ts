import { type Clock, sleepUntil } from '../../clock.ts';
import type { HttpClient } from '../http/exchange.ts';
import type { Agent } from './agents.ts';
import { type Log, network } from './delivery.ts';

type Row = {
  readonly id: string;
  readonly state: Agent['state'];
  readonly queues: readonly string[];
  readonly skills: Readonly<Record<string, number>>;
};

/** Far above any number of reports that an earlier run can have sent. */
const SEQUENCE_LEAP = 1_000_000;

/**
 * Reports the agents' states (7.1): all of them every `everyMs` of the clock, and at each change those that changed. One report is on
 * its way at a time; what changes meanwhile goes with the next. A lost report isn't repeated: the next one is full.
 * Sequences begin at the clock's milliseconds, so that a later run begins above an earlier one.
 */
export const agentReports = (options: {
  readonly http: HttpClient;
  readonly serviceUrl: string;
  readonly connectorKey: string;
  readonly clock: Clock;
  readonly clockSpeed: number;
  readonly everyMs: number;
  readonly agents: () => readonly Agent[];
  readonly queues: () => readonly string[];
  readonly signal: AbortSignal;
  readonly log: Log;
}) => {
  const { http, serviceUrl, connectorKey, clock, clockSpeed, everyMs, agents, queues, signal, log } = options;
  const url = new URL('/contact-center/agents', serviceUrl);
  const headers = { authorization: `Bearer ${connectorKey}`, 'content-type': 'application/json' };
  const changed = new Set<string>();
  let full = true;
  let sequence = clock.now();
  let running = false;
  let waitMs = network.firstWaitMs;
  let onItsWay: Promise<boolean> = Promise.resolve(true);

  const rowOf = ({ id, state, queues: own, skills }: Agent): Row => ({
    id,
    state,
    queues: own === 'all' ? queues() : own,
    skills: skills ?? {},
  });

  const send = async (): Promise<boolean> => {
    sequence++;
    const told = full;
    const rows = agents()
      .filter(({ id }) => told || changed.has(id))
      .map(rowOf);
    full = false;
    changed.clear();
    const body = JSON.stringify({ source: 'simulator', sequence, full: told, agents: rows });
    const exchange = await http.send({ method: 'PUT', url, headers, body, timeoutMs: network.timeoutMs * clockSpeed, signal });
    if (exchange.kind === 'answered' && exchange.status < 300) return true;
    full = true;
    if (exchange.kind === 'answered' && exchange.status === 409) sequence += SEQUENCE_LEAP;
    else if (exchange.kind === 'answered' && exchange.status < 500)
      log.warn({ status: exchange.status }, 'The service refused a report about the agents of the simulated contact center');
    return false;
  };

  const run = async () => {
    if (running) return;
    running = true;
    await Promise.resolve();
    while (!signal.aborted && (full || changed.size > 0)) {
      onItsWay = send();
      waitMs = (await onItsWay) ? network.firstWaitMs : Math.min(waitMs * 2, network.longestWaitMs);
      if (full) await sleepUntil(clock, clock.now() + waitMs * clockSpeed, signal);
    }
    running = false;
  };

  const beat = async () => {
    while (!signal.aborted) {
      full = true;
      void run();
      await sleepUntil(clock, clock.now() + everyMs, signal);
    }
  };
  void beat();

  return {
    changed: (agentId: string): void => {
      changed.add(agentId);
      void run();
    },
    /** Resolves when the report now on its way, if any, has arrived or failed. */
    toldUpToNow: async (): Promise<void> => {
      await onItsWay;
    },
  };
};
