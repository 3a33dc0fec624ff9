import { type Clock, sleepUntil } from '../../clock.ts';
import type { HttpClient } from '../http/exchange.ts';
import { type Log, network } from './delivery.ts';

/** Far above any number of reports that an earlier run can have sent. */
const SEQUENCE_LEAP = 1_000_000;
/** The regions of the simulated contact center, each with one node, which is always healthy. */
export const REGIONS = ['east', 'west'] as const;

/** What it reports beside its agents: nobody ever waits on the line, for it has no callers but those whom it calls back. */
const states = [
  { path: '/contact-center/flow', body: { queues: [] } },
  { path: '/contact-center/regions', body: { nodes: REGIONS.map((region) => ({ region, node: `${region}-1`, healthy: true })) } },
] as const;

/**
 * Reports live calls and regions (7.1), whole, every `everyMs` of the clock; a lost report isn't repeated but followed by the next.
 * Sequences begin at the clock's milliseconds, so that a later run begins above an earlier one.
 */
export const stateReports = (options: {
  readonly http: HttpClient;
  readonly serviceUrl: string;
  readonly connectorKey: string;
  readonly clock: Clock;
  readonly clockSpeed: number;
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}): void => {
  const { http, serviceUrl, connectorKey, clock, clockSpeed, everyMs, signal, log } = options;
  const headers = { authorization: `Bearer ${connectorKey}`, 'content-type': 'application/json' };
  const beat = async ({ path, body }: (typeof states)[number]): Promise<void> => {
    const url = new URL(path, serviceUrl);
    for (let sequence = clock.now(); !signal.aborted; sequence++) {
      const next = clock.now() + everyMs;
      const text = JSON.stringify({ source: 'simulator', sequence, full: true, ...body });
      const exchange = await http.send({ method: 'PUT', url, headers, body: text, timeoutMs: network.timeoutMs * clockSpeed, signal });
      if (exchange.kind === 'answered' && exchange.status === 409) sequence += SEQUENCE_LEAP;
      else if (exchange.kind === 'answered' && exchange.status >= 400 && exchange.status < 500)
        log.warn({ path, status: exchange.status }, 'The service refused a report of the simulated contact center');
      await sleepUntil(clock, next, signal);
    }
  };
  for (const state of states) void beat(state);
};
