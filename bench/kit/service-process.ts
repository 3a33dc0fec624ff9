import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startClock } from '../../src/clock.ts';
import { httpClient } from '../../src/integrations/http/exchange.ts';
import { agentsOnEveryQueue } from '../../src/integrations/simulator/agents.ts';
import { type SimulatorOptions, startSimulator } from '../../src/integrations/simulator/simulator.ts';
import { openLog } from '../../src/log.ts';
import { build, programs } from '../../test/crash/support/built.ts';
import { ask, freePort, secrets } from '../../test/crash/support/http.ts';
import { putQueue, startService } from '../../test/crash/support/service.ts';
import { servedFlags } from './served.ts';

const ANSWER_MS = 60_000;
/** Of Linux's clock, in which processes' work is counted. */
const TICK_MS = 10;

/** What a booking answered: the callback's id, or the status of a refusal. */
export type Booked = { readonly id: string } | { readonly refused: number };

export type Outside = {
  readonly url: string;
  readonly pid: number;
  readonly ask: typeof ask;
  readonly book: (booking: {
    readonly serviceName: string;
    readonly phoneNumber: string;
    readonly desiredTime?: string;
  }) => Promise<Booked>;
  /** The most memory that the service has had so far, in MiB: its resident set, with what it maps of the event store's file. */
  readonly peakMemory: () => Promise<number>;
  /** How long all threads of the service have worked so far, in ms: it hardly depends on what else the machine does. */
  readonly cpuMs: () => Promise<number>;
};

/** How the outside of the service behaves: see the simulator's options. */
export type OutsideOptions = Pick<SimulatorOptions, 'speed' | 'behaviour' | 'heard'> & {
  readonly dir: string;
  readonly queues: readonly string[];
  readonly settings: object;
  readonly agents: number;
};

const bookedId = (body: string): string => {
  const { data }: { data?: { id?: string } } = JSON.parse(body);
  if (data?.id === undefined) throw new Error('a booking was answered without an id');
  return data.id;
};

/**
 * Runs a benchmark as the outside of a service that is a process of its own, as shipped, on embedded stores: this process books, and is the
 * contact center.
 */
export const outsideOfService = async <T>(options: OutsideOptions, run: (outside: Outside) => Promise<T>): Promise<T> => {
  const { dir, queues, settings, agents, ...behaving } = options;
  const [clock, log] = [startClock(), openLog('error')];
  const [port, centerPort] = [await freePort(), await freePort()];
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const env = {
    ...{ DATA_DIR: join(dir, 'data'), LOG_LEVEL: 'error', BOOTSTRAP_API_KEY_LIMITS: '100000000,100000000' },
    ...{ CONNECTOR_URL: `http://127.0.0.1:${centerPort}/attempts`, CONNECTOR_SECRET: secret },
  };
  await build();
  const service = startService(port, env, [...servedFlags, programs.service, 'serve']);
  const http = httpClient({ clock, maxConnections: 256 });
  try {
    await service.ready();
    for (const queue of queues) await putQueue(service.url, queue, settings);
    const center = await startSimulator({
      ...{ clock, log, secret, port: centerPort, serviceUrl: service.url, connectorKey: secrets.connectorKey, seed: 1 },
      ...{ queues: () => queues, agents: agentsOnEveryQueue(agents), ...behaving },
    });
    const headers = { 'content-type': 'application/json', 'x-api-key': secrets.apiKey };
    const create = new URL('/engagement/v3/callbacks/create', service.url);
    try {
      return await run({
        ...{ url: service.url, pid: service.pid, ask },
        book: async (booking) => {
          const answer = await http.send({ method: 'POST', url: create, headers, body: JSON.stringify(booking), timeoutMs: ANSWER_MS });
          if (answer.kind !== 'answered') throw new Error(`a booking was not answered: ${answer.cause}`);
          return answer.status < 300 ? { id: bookedId(answer.body) } : { refused: answer.status };
        },
        peakMemory: async () => {
          const found = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${service.pid}/status`, 'utf8'));
          return Number(found?.[1] ?? Number.NaN) / 1_024;
        },
        cpuMs: async () => {
          const fields = (await readFile(`/proc/${service.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
          return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
        },
      });
    } finally {
      await center.close();
    }
  } finally {
    http.close();
    await service.end('SIGTERM');
    for (const line of service.said.filter((one) => one.includes('"level":50'))) log.error(`the service: ${line}`);
  }
};
