import type { BaseLogger } from 'pino';
import { type Clock, sleepUntil } from '../../clock.ts';
import type { HttpClient } from '../http/exchange.ts';

export type Log = Pick<BaseLogger, 'info' | 'warn'>;

/** Resolves to true once the service accepted, false when it refused or the simulator stopped. */
export type Delivery = (path: string, body: unknown) => Promise<boolean>;

/** Time-out of a report and the waits between its tries, in the machine's ms. */
export const network = { timeoutMs: 10_000, firstWaitMs: 200, longestWaitMs: 5_000 };

/**
 * Delivers reports to the service with the connector key. What fails on the way, or with 408, 429 or 5xx, is tried again with growing
 * waits until it is accepted; any other answer is final, and a refusal is logged by path and status only.
 * `clockSpeed` is how many ms of the clock pass in one of the machine's: time-outs and waits are stretched by it, since a network isn't
 * any faster when the clock is.
 */
export const delivery = (options: {
  readonly http: HttpClient;
  readonly serviceUrl: string;
  readonly connectorKey: string;
  readonly clock: Clock;
  readonly clockSpeed: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}): Delivery => {
  const { http, serviceUrl, connectorKey, clock, clockSpeed, signal, log } = options;
  const headers = { authorization: `Bearer ${connectorKey}`, 'content-type': 'application/json' };
  return async (path, body) => {
    const request = {
      method: 'POST',
      url: new URL(path, serviceUrl),
      headers,
      body: JSON.stringify(body),
      timeoutMs: network.timeoutMs * clockSpeed,
      signal,
    };
    for (let waitMs = network.firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, network.longestWaitMs)) {
      const exchange = await http.send(request);
      if (exchange.kind === 'answered' && exchange.status < 500 && exchange.status !== 408 && exchange.status !== 429) {
        if (exchange.status < 300) return true;
        log.warn({ path, status: exchange.status }, 'The service refused a report of the simulated contact center');
        return false;
      }
      await sleepUntil(clock, clock.now() + waitMs * clockSpeed, signal);
    }
    return false;
  };
};
