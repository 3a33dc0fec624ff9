import { setMaxListeners } from 'node:events';
import type { Clock } from '../../clock.ts';
import type { ConnectorMessage } from '../connector/messages.ts';
import { webhookToleranceMs } from '../connector/signature.ts';
import { httpClient } from '../http/exchange.ts';
import { agentReports } from './agent-reports.ts';
import { type AgentOccupancy, type AgentSettings, agentsOnEveryQueue, occupancyOf } from './agents.ts';
import { attemptReports } from './attempt-reports.ts';
import { type Behaviour, defaultBehaviour } from './behaviour.ts';
import { callCenter } from './call-center.ts';
import { delivery, type Log } from './delivery.ts';
import { type Answer, startWebhookServer } from './server.ts';
import { stateReports } from './state-reports.ts';

const DEFAULT_AGENTS = 10;
const REPORT_EVERY_MS = 10_000;
const STATUS = { PLACE_BY_PASSED: 409, WITHDRAWN: 409, CONNECTED: 409, BAD_ATTEMPT_ID: 400, NO_LINE: 429 } as const;

export type SimulatorOptions = {
  /** Where it listens on 127.0.0.1; a free port when left out. */
  readonly port?: number;
  /** The webhooks' secret: `whsec_` and base64. */
  readonly secret: string;
  readonly serviceUrl: string;
  readonly connectorKey: string;
  readonly clock: Clock;
  /** Divides ring, handling and wrap-up times. 1 when the clock itself runs fast. */
  readonly speed: number;
  readonly seed: number;
  /** The queues there are now: whom agents on `'all'` serve. */
  readonly queues: () => readonly string[];
  /** Ten on every queue around the clock when left out. */
  readonly agents?: readonly AgentSettings[];
  readonly behaviour?: Behaviour;
  /** The zone of the agents' shifts; UTC when left out. */
  readonly zone?: string;
  /** How many ms of the clock pass in one of the machine's; network time-outs, waits and tolerances are stretched by it. 1 when left out. */
  readonly clockSpeed?: number;
  /** How often it says how everything stands, in ms of the clock. */
  readonly reportEveryMs?: number;
  /** Hears each message of the service as it comes. */
  readonly heard?: (message: ConnectorMessage) => void;
  readonly log: Log;
};

export type Simulator = {
  /** The address to give the connector client. */
  readonly url: string;
  readonly stats: () => { readonly agents: readonly AgentOccupancy[]; readonly callsInProgress: number };
  readonly close: () => Promise<void>;
};

/**
 * Starts the simulated contact center (7.1): takes the service's signed webhooks, dials made-up customers, lets agents talk to them, and
 * reports by REST. What a customer does depends on seed, number and attempt only. It keeps nothing on disk: a restart forgets its calls,
 * as a crashed telephone exchange does. Throws when the secret is malformed or the port taken.
 */
export const startSimulator = async (options: SimulatorOptions): Promise<Simulator> => {
  const { secret, serviceUrl, connectorKey, clock, speed, seed, queues, log, clockSpeed = 1, heard } = options;
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every report on its way listens
  const http = httpClient({ clock });
  const service = { http, serviceUrl, connectorKey, clock, clockSpeed, signal: stop.signal, log };

  const center = callCenter({
    clock,
    seed,
    speed,
    zone: options.zone ?? 'UTC',
    agents: options.agents ?? agentsOnEveryQueue(DEFAULT_AGENTS),
    behaviour: options.behaviour ?? defaultBehaviour,
    report: (attemptId, report) => reportAttempt(attemptId, report),
    changed: (agentId) => reportAgents.changed(agentId),
  });

  const receive = (message: ConnectorMessage): Answer => {
    heard?.(message);
    const answer = message.type === 'attempt.place' ? center.place(message) : center.withdraw(message.attemptId);
    if (answer === 'PLACED' || answer === 'REPEATED' || answer === 'ENDED') return { status: 200, body: { result: answer } };
    if (answer === 'WITHDRAWN' && message.type === 'attempt.withdraw') return { status: 200, body: { result: answer } };
    return { status: STATUS[answer], body: { reason: answer } };
  };
  const server = await startWebhookServer({
    port: options.port ?? 0,
    secret,
    clock,
    toleranceMs: webhookToleranceMs * clockSpeed,
    receive,
    log,
  });

  const reportAgents = agentReports({
    ...service,
    everyMs: options.reportEveryMs ?? REPORT_EVERY_MS,
    agents: center.agents,
    queues,
  });
  stateReports({ ...service, everyMs: options.reportEveryMs ?? REPORT_EVERY_MS * clockSpeed });
  const reportAttempt = attemptReports({
    deliver: delivery(service),
    agentsToldUpToNow: reportAgents.toldUpToNow,
    dropped: (attemptId) => log.warn({ attemptId }, 'Too many reports wait for the service; this one is dropped'),
  });

  return {
    url: server.url,
    stats: () => ({ agents: center.agents().map((agent) => occupancyOf(agent, clock.now())), callsInProgress: center.callsInProgress() }),
    close: async () => {
      center.close();
      stop.abort();
      await server.close();
      http.close();
    },
  };
};
