import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { type Clock, startClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { type Service, startService } from '../../src/service/start.ts';
import { type Answer, ask, at, textAt } from '../api/support/ask.ts';

export const apiKey = 'a'.repeat(32);
export const adminToken = 't'.repeat(32);
export const connectorKey = 'c'.repeat(32);
export const given = {
  ...{ BOOTSTRAP_API_KEY: apiKey, BOOTSTRAP_ADMIN_TOKEN: adminToken, BOOTSTRAP_CONNECTOR_KEY: connectorKey },
  BOOTSTRAP_API_KEY_LIMITS: '1000000,1000000',
};
export const FIRST_INSTANT = Date.parse('2026-03-02T10:00:00.000Z');

/** Everything that any service of this test file has logged, at the finest level. */
export const logged: string[] = [];

export type Running = {
  readonly service: Service;
  readonly clock: Clock;
  readonly call: (method: string, path: string, headers?: Readonly<Record<string, string>>, body?: unknown) => Promise<Answer>;
  readonly asClient: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly asAdmin: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  /** Books as a client; answers the id. */
  readonly book: (body: Readonly<Record<string, unknown>>, headers?: Readonly<Record<string, string>>) => Promise<string>;
  readonly history: (id: string) => Promise<readonly HistoryItem[]>;
  readonly close: () => Promise<void>;
};
export type HistoryItem = {
  readonly type: string;
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly actor: { readonly kind: string; readonly name: string };
};

/** Starts the whole service in this process, on a clock that begins at `start` and runs at `speed`, or on the one given. `clockSpeed` stretches what waits for a network. */
export const startRunning = async (options: {
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly start?: number;
  readonly speed?: number;
  readonly clock?: Clock;
  readonly clockSpeed?: number;
}): Promise<Running> => {
  const { dir, env = given, start = FIRST_INSTANT, speed = 1, clockSpeed = 1, clock = startClock({ start, speed }) } = options;
  const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
  const service = await startService({ config: readConfig({ PORT: '0', DATA_DIR: dir, ...env }), clock, log, clockSpeed });
  const call: Running['call'] = (method, path, headers, body) => ask(service.url ?? '', method, path, headers, body);
  const asClient: Running['asClient'] = (path, body, headers) =>
    call('POST', `/engagement/v3${path}`, { 'x-api-key': apiKey, ...headers }, body);
  const asAdmin: Running['asAdmin'] = (method, path, body, headers) =>
    call(method, `/api${path}`, { authorization: `Bearer ${adminToken}`, ...headers }, body);
  return {
    ...{ service, clock, call, asClient, asAdmin, close: service.close },
    book: async (body, headers) => textAt((await asClient('/callbacks/create', body, headers)).body, 'data', 'id'),
    history: async (id) => {
      const { body } = await asAdmin('GET', `/callbacks/${id}/history`);
      return at(body, 'items') as readonly HistoryItem[]; // the published shape
    },
  };
};

/** Gives a queue's row these columns, and no others: what is left out is inherited. */
export const configureQueue = async ({ asAdmin }: Running, queue: string, settings: Readonly<Record<string, unknown>>): Promise<void> => {
  const { status, text } = await asAdmin('PUT', `/queue-settings/${queue}`, settings, { 'if-match': '*' });
  if (status !== 200) throw new Error(text);
};

const LOOK_MS = 20;

/** Asks again and again until the answer is there; throws what `late` says after `limitMs`. */
export const until = async <T>(
  look: () => T | undefined | Promise<T | undefined>,
  limitMs = 25_000,
  late: () => unknown = () => '',
): Promise<T> => {
  for (const end = performance.now() + limitMs; ; await setTimeout(LOOK_MS)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${JSON.stringify(late())}`);
  }
};

const isEnd = ({ type }: HistoryItem) => type === 'CallbackCompleted' || type === 'CallbackCancelled';

/** The history of a callback once it is over, and the event that ended it. */
export const ended = async (
  running: Running,
  id: string,
): Promise<{ readonly history: readonly HistoryItem[]; readonly end: HistoryItem }> => {
  let history: readonly HistoryItem[] = [];
  const look = async () => {
    history = await running.history(id);
    return history.find(isEnd);
  };
  const end = await until(look, 25_000, () => history.map(({ type }) => type));
  return { history, end };
};
