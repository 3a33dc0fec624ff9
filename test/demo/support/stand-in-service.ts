import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { iso } from '../../../src/clock.ts';
import type { StartDemoService } from '../../../src/demo/demo.ts';
import { serve } from '../../support/serve.ts';

type Fact = { readonly type: string; readonly at: string; readonly data: Record<string, unknown> };
type Kept = { readonly id: string; readonly body: string; readonly desiredTime: string; readonly kind: string; readonly facts: Fact[] };

const booking = z.strictObject({ serviceName: z.literal('demo'), phoneNumber: z.string(), desiredTime: z.iso.datetime().optional() });
const PAGE = 50;
const MINUTE = 60_000;

/** What survives a kill: callbacks by Idempotency-Key, and the queue's row. */
export const emptyStore = () => ({
  callbacks: new Map<string, Kept>(),
  row: { settings: { slotCapacity: 5, placeWithinSeconds: 10 }, etag: '"1"' } as Row,
  latest: 0,
});
type Row = { settings: Record<string, unknown>; etag: string };
export type Store = ReturnType<typeof emptyStore>;

export type Misbehaviour = {
  /** The n-th create request (1, 2, …) is answered with this status before anything is recorded; 0: recorded, but the answer is lost. */
  readonly onCreate?: (n: number, phoneNumber: string) => number | undefined;
  /** Nothing that was booked is ever called. */
  readonly idle?: boolean;
};

const stateOf = ({ facts }: Kept): string => {
  const had = (type: string) => facts.some((fact) => fact.type === type);
  if (had('CallbackCompleted')) return 'COMPLETED';
  if (had('CallbackConnected')) return 'PROCESSING';
  if (had('CallbackAttemptStarted')) return 'ROUTING';
  return had('CallbackQueued') ? 'QUEUED' : 'SCHEDULED';
};

/**
 * A service that speaks the contract the demo uses: books under Idempotency-Key, calls each customer a minute after his time, talks for two
 * minutes, and completes. It lives by the clock it is given and keeps everything in `store`, so that another one can go on there.
 */
export const standInService = (store: Store, misbehaviour: Misbehaviour = {}) => {
  const seen = { creates: 0, puts: 0, closed: 0, instants: [] as number[] };
  let kill = () => {};

  const start: StartDemoService = async ({ clock, agents }) => {
    const record = (kept: Kept, type: string, data: Record<string, unknown> = {}) => {
      kept.facts.push({ type, at: iso(clock.now()), data });
      store.latest = Math.max(store.latest, clock.now());
    };
    const goOn = (kept: Kept) => {
      if (misbehaviour.idle) return;
      const steps: [string, number, Record<string, unknown>?][] = [
        ['CallbackQueued', 0],
        ['CallbackAttemptStarted', 1],
        ['CallbackAttemptAnswered', 1],
        ['CallbackConnected', 1, { agentId: 'agent-01' }],
        ['CallbackCompleted', 3, { reason: 'AGENT' }],
      ];
      for (const [type, minutes, data] of steps)
        if (!kept.facts.some((fact) => fact.type === type))
          clock.at(Date.parse(kept.desiredTime) + minutes * MINUTE, () => record(kept, type, data));
    };
    for (const kept of store.callbacks.values()) goOn(kept);

    const create = async (request: IncomingMessage, body: string): Promise<[number, unknown]> => {
      const key = String(request.headers['idempotency-key']);
      const { phoneNumber, desiredTime } = booking.parse(JSON.parse(body));
      seen.creates++;
      const status = misbehaviour.onCreate?.(seen.creates, phoneNumber);
      if (status !== undefined && status !== 0) return [status, { status: { code: 7037 } }];
      const known = store.callbacks.get(key);
      if (known !== undefined && known.body !== body) return [409, { status: { code: 409 } }];
      const kept = known ?? {
        id: `cb-${store.callbacks.size + 1}`,
        body,
        desiredTime: desiredTime ?? iso(clock.now()),
        kind: desiredTime === undefined ? 'immediate' : 'scheduled',
        facts: [],
      };
      if (known === undefined) {
        store.callbacks.set(key, kept);
        record(kept, 'CallbackBooked');
        goOn(kept);
      }
      return [status ?? 200, { status: { code: 200 }, data: { id: kept.id } }];
    };

    const list = (query: URLSearchParams): [number, unknown] => {
      const from = Number(query.get('cursor') ?? 0);
      const all = [...store.callbacks.values()].filter(
        (kept) => kept.desiredTime >= String(query.get('from')) && kept.desiredTime <= String(query.get('to')),
      );
      const items = all.slice(from, from + PAGE).map((kept) => {
        const callbackState = stateOf(kept);
        return { id: kept.id, callbackState, kind: kept.kind, ...(callbackState === 'COMPLETED' ? { callbackReason: 'AGENT' } : {}) };
      });
      return [200, { items, next: from + PAGE < all.length ? String(from + PAGE) : null, total: all.length }];
    };

    const settings = (request: IncomingMessage, body: string): [number, unknown] => {
      if (request.method === 'PUT') {
        seen.puts++;
        if (request.headers['if-match'] !== store.row.etag) return [412, { status: { code: 412 } }];
        store.row = { settings: z.record(z.string(), z.unknown()).parse(JSON.parse(body)), etag: `"${seen.puts + 1}"` };
      }
      return [
        200,
        {
          queue: 'demo',
          settings: { ...store.row.settings, ringLimitSeconds: store.row.settings.ringLimitSeconds ?? 60 },
          inherited: 'ringLimitSeconds' in store.row.settings ? [] : ['ringLimitSeconds'],
          etag: store.row.etag,
        },
      ];
    };

    const answer = async (request: IncomingMessage, body: string): Promise<[number, unknown]> => {
      const { pathname, searchParams } = new URL(String(request.url), 'http://here');
      if (pathname === '/engagement/v3/callbacks/create')
        return request.headers['x-api-key'] === 'api-key' ? create(request, body) : [401, { status: { code: 401 } }];
      if (request.headers.authorization !== 'Bearer admin-token') return [401, { status: { code: 401 } }];
      if (pathname === '/api/callbacks') return list(searchParams);
      if (pathname === '/api/queue-settings/demo') return settings(request, body);
      const id = /^\/api\/callbacks\/([^/]+)\/history$/.exec(pathname)?.[1];
      const kept = [...store.callbacks.values()].find((one) => one.id === id);
      return kept === undefined ? [404, { status: { code: 404 } }] : [200, { items: kept.facts }];
    };

    const { url, stop } = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.instants.push(clock.now());
      const [status, value] = await answer(request, body);
      if (status === 0) request.socket.destroy();
      else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    });
    kill = stop;
    return {
      url,
      apiKey: 'api-key',
      adminToken: 'admin-token',
      agents: () => agents.map(({ id }) => ({ id, state: 'READY', readyMs: 3_000, busyMs: 1_000, awayMs: 0, outMs: 0, calls: 1 })),
      close: async () => {
        seen.closed++;
        await stop();
      },
    };
  };
  return { start, seen, kill: () => kill() };
};
