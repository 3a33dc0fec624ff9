import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { connectorBreaker } from '../integrations/connector/breaker.ts';
import { type ConnectorClient, connectorClient } from '../integrations/connector/client.ts';
import type { AgentOccupancy, AgentSettings } from '../integrations/simulator/agents.ts';
import { startSimulator } from '../integrations/simulator/simulator.ts';
import { closeAll } from './closing.ts';

const TIMEOUT_MS = 10_000;

export type ContactCenter = {
  /** Undefined when no contact center is configured. */
  readonly connector: ConnectorClient | undefined;
  readonly agents: () => readonly AgentOccupancy[];
  readonly close: () => Promise<void>;
};

/** The contact center that attempts go to: the configured connector, or the simulated one, which speaks the same REST and signed webhooks. */
export const openContactCenter = async (options: {
  readonly config: Config;
  readonly clock: Clock;
  readonly clockSpeed: number;
  /** How long an open circuit waits, by the machine's time and not the clock's, in ms; what suits a network when it is left out. */
  readonly machinePauseMs: number | undefined;
  readonly log: Logger;
  readonly serviceUrl: string;
  readonly connectorKey: string;
  readonly queues: () => readonly string[];
  readonly agents: readonly AgentSettings[] | undefined;
}): Promise<ContactCenter> => {
  const { config, clock, clockSpeed, machinePauseMs: pauseMs, log, serviceUrl, connectorKey, queues, agents } = options;
  const { CONNECTOR_URL, CONNECTOR_SECRET, SIMULATOR_SPEED: speed, SIMULATOR_SEED: seed } = config;
  const secret = CONNECTOR_SECRET ?? `whsec_${randomBytes(32).toString('base64')}`;
  const simulator = config.simulator
    ? await startSimulator({
        ...{ secret, serviceUrl, connectorKey, clock, clockSpeed, log, speed, seed, queues },
        ...(agents === undefined ? {} : { agents }),
      })
    : undefined;
  const url = simulator?.url ?? CONNECTOR_URL;
  const breaker = pauseMs === undefined ? connectorBreaker() : connectorBreaker({ firstPauseMs: pauseMs, longestPauseMs: pauseMs });
  const connector = url === undefined ? undefined : connectorClient({ url, secret, clock, timeoutMs: TIMEOUT_MS * clockSpeed, breaker });
  if (connector === undefined) log.warn('no contact center is connected: callbacks are booked and wait');
  return {
    connector,
    agents: () => simulator?.stats().agents ?? [],
    close: () => closeAll([() => simulator?.close(), () => connector?.close()]),
  };
};
