import { pino } from 'pino';
import { startService } from '../../../../src/service/start.ts';
import { type Answer, ask, at } from '../../../api/support/ask.ts';
import { adminToken, apiKey, connectorKey, type HistoryItem } from '../../../service/running.ts';
import type { Ground } from './ground.ts';
import { nodePool } from './node-pool.ts';
import { type Death, nodeStore } from './node-store.ts';

type Headers = Readonly<Record<string, string>>;
/** Undefined when nobody answered. */
export type Told = Answer | undefined;

/** One node of the service, on stores that a simulation can slow down and cut off. */
export type Node = {
  readonly asClient: (path: string, body: unknown, headers?: Headers) => Promise<Told>;
  readonly asAdmin: (method: string, path: string, body?: unknown, headers?: Headers) => Promise<Told>;
  readonly asConnector: (method: string, path: string, body: unknown) => Promise<Told>;
  readonly history: (id: string) => Promise<readonly HistoryItem[]>;
  /** Resolves once it is dead: the machine went off in the middle of what it did. */
  readonly killedBy: (death: Death) => Promise<void>;
  readonly kill: () => void;
  readonly close: () => Promise<void>;
};

/** A node that may still be starting. */
export type Starting = { readonly node: Promise<Node>; readonly isBusy: () => boolean; readonly isSlowed: () => boolean };

/** Starts a node; each connection to Postgres takes `pauseMs` of the clock. What it logs as an error comes to `failed`. */
export const startNode = (ground: Ground, pauseMs: () => number, failed: (line: string) => void): Starting => {
  const { config, clock, store, keyring, postgres, logEnd } = ground;
  let isDead = false;
  let isStarting = true;
  let isBusy = () => isStarting;
  let isSlowed = () => false;

  const start = async (): Promise<Node> => {
    const events = nodeStore(store, logEnd);
    const { pool, ...database } = nodePool(postgres(), clock, pauseMs);
    isBusy = () => !isDead && (events.isBusy() || database.isBusy() || (isStarting && !isSlowed()));
    isSlowed = () => database.slowed() > 0;
    const stores = {
      ...{ store: events.store, keyring, pool, requestPool: pool, backUpEvents: undefined, endCommands: async () => {} },
      close: () => pool.end(),
    };
    const log = pino({ level: 'error' }, { write: (line: string) => void (isDead || failed(line)) });
    const service = await startService({ config, clock, log, machinePauseMs: 0, storesFrom: async () => stores });
    const call = async (method: string, path: string, headers: Headers, body?: unknown): Promise<Told> => {
      const answer = await ask(service.url, method, path, headers, body).catch(() => undefined);
      return isDead ? undefined : answer;
    };
    const asAdmin: Node['asAdmin'] = (method, path, body, headers) =>
      call(method, `/api${path}`, { authorization: `Bearer ${adminToken}`, ...headers }, body);
    const buried = () => {
      isDead = true;
      database.die();
      service.close().catch(() => undefined); // what it still tries comes to nothing
    };
    return {
      asAdmin,
      asClient: (path, body, headers) => call('POST', `/engagement/v3${path}`, { 'x-api-key': apiKey, ...headers }, body),
      asConnector: (method, path, body) => call(method, path, { 'x-api-key': connectorKey }, body),
      history: async (id) => (at((await asAdmin('GET', `/callbacks/${id}/history`))?.body, 'items') ?? []) as readonly HistoryItem[], // the published shape
      killedBy: (death) =>
        new Promise((resolve) =>
          events.dieWith(death, () => {
            buried();
            resolve();
          }),
        ),
      kill: () => {
        events.die();
        buried();
      },
      close: service.close,
    };
  };
  const node = start().finally(() => {
    isStarting = false;
  });
  return { node, isBusy: () => isBusy(), isSlowed: () => isSlowed() };
};
