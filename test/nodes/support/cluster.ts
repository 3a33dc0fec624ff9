import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../../crash/support/built.ts';
import { type ContactCenter, startContactCenter } from '../../crash/support/contact-center.ts';
import { type Fact, factsOf, startEventStore } from '../../crash/support/facts.ts';
import { freePort } from '../../crash/support/http.ts';
import { putQueue, type ServiceProcess, startService } from '../../crash/support/service.ts';
import { secretsKey } from '../../crash/support/stage.ts';
import { startRealPostgres } from '../../projections/kit/real-postgres.ts';

const nodeProgram = fileURLToPath(new URL('./node.ts', import.meta.url));

export const QUEUE = 'support';
export type Role = 'all' | 'api' | 'worker';

/** Nodes on one event store and one real Postgres, with a contact center beside them. */
export type Cluster = {
  readonly nodes: () => readonly ServiceProcess[];
  readonly node: (index: number) => ServiceProcess;
  readonly center: ContactCenter;
  readonly facts: () => Promise<readonly Fact[]>;
  /** Starts a node again, in the place of one that is over. */
  readonly restart: (index: number, env?: Readonly<Record<string, string>>) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What is said by the node that holds the lease, when it gets it and when it loses it. */
export const holdsLease = /this node does the work/;
export const lostLease = /the lease is lost/;

/** Which of the nodes has the lease, as they say; undefined while none does. */
export const holderOf = (nodes: readonly ServiceProcess[]): number | undefined => {
  const index = nodes.findIndex(({ said, isRunning }) => {
    const got = said.findLastIndex((line) => holdsLease.test(line));
    return isRunning() && got > said.findLastIndex((line) => lostLease.test(line));
  });
  return index === -1 ? undefined : index;
};

export type ClusterOptions = {
  readonly seed: string;
  /** One node each; two that do all when left out. The contact center reports to those that serve the API. */
  readonly roles?: readonly Role[];
  /** Nodes whose leases are over in about a second, and the limits that are no setting in a fifth of their time. */
  readonly shortened?: boolean;
};

export const startCluster = async ({ seed, roles = ['all', 'all'], shortened = false }: ClusterOptions): Promise<Cluster> => {
  await build();
  const closing: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closeOne of closing.splice(0).reverse()) await closeOne();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), 'ringback-nodes-'));
    closing.push(() => rm(dir, { recursive: true, force: true }));
    const store = await startEventStore(join(dir, 'events'));
    closing.push(store.end);
    const postgres = await startRealPostgres();
    closing.push(postgres.close);
    const ports: number[] = [];
    for (const _ of roles) ports.push(await freePort());
    const serviceUrls = ports.filter((_, index) => roles[index] !== 'worker').map((port) => `http://127.0.0.1:${port}`);
    const center = await startContactCenter({ dir, serviceUrls, queues: [QUEUE], seed, agents: 20 });
    closing.push(center.end);
    const start = (index: number, env: Readonly<Record<string, string>> = {}): ServiceProcess =>
      startService(
        ports[index] ?? 0,
        {
          ...{ EVENTSTORE_URL: store.connectionString, DATABASE_URL: postgres.connectionString, SECRETS_KEY: secretsKey },
          ...{ DATA_DIR: join(dir, `node-${index}`), ROLE: roles[index] ?? 'all', ...center.env },
          ...(shortened ? { LEASE_LOOK_MS: '100', LEASE_SILENCE_MS: '1000', SHORTENED_TO: '0.2' } : {}),
          ...env,
        },
        shortened ? ['--import', 'tsx', nodeProgram] : undefined,
      );
    const nodes: ServiceProcess[] = [];
    closing.push(() => Promise.all(nodes.map((node) => node.end())));
    for (const index of roles.keys()) {
      const started = start(index);
      nodes.push(started);
      if (index === 0) await started.ready(); // makes what a first start makes
    }
    for (const one of nodes) await one.ready();
    const node = (index: number): ServiceProcess => {
      const found = nodes[index];
      if (found === undefined) throw new Error(`there is no node ${index}`);
      return found;
    };
    await putQueue(node(0).url, QUEUE);
    return {
      nodes: () => nodes,
      node,
      center,
      facts: () => factsOf(store.connectionString),
      restart: async (index, env) => {
        const again = start(index, env);
        nodes[index] = again;
        await again.ready();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** What the log says against a single worker, a sentence a fault: an attempt decided again that wasn't voided, or started twice. */
export const decisionFaults = (facts: readonly Fact[]): readonly string[] => {
  const faults: string[] = [];
  const decided = new Set<unknown>();
  const started = new Set<unknown>();
  for (const { type, data } of facts) {
    const { attemptId } = data;
    if (type === 'AttemptDecided' && decided.has(attemptId)) faults.push(`attempt ${attemptId} was decided twice`);
    if (type === 'CallbackAttemptStarted' && started.has(attemptId)) faults.push(`attempt ${attemptId} was started twice`);
    if (type === 'AttemptDecided') decided.add(attemptId);
    if (type === 'AttemptVoided') decided.delete(attemptId);
    if (type === 'CallbackAttemptStarted') started.add(attemptId);
  }
  return faults;
};
