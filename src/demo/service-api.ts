import { z } from 'zod';
import { type Clock, sleepUntil } from '../clock.ts';
import { type Exchange, httpClient } from '../integrations/http/exchange.ts';
import type { PlannedBooking } from './plan.ts';
import { refusal } from './refusal.ts';
import { demo } from './settings.ts';

const listed = z.looseObject({ id: z.string(), callbackState: z.string(), callbackReason: z.string().nullish(), kind: z.string() });
const page = z.looseObject({ items: z.array(listed), next: z.string().nullish(), total: z.int() });
const fact = z.looseObject({ at: z.string(), type: z.string(), data: z.record(z.string(), z.unknown()).nullish() });
const history = z.looseObject({ items: z.array(fact) });
const settingsRow = z.looseObject({ settings: z.record(z.string(), z.unknown()), inherited: z.array(z.string()), etag: z.string() });
const status = z.looseObject({ status: z.looseObject({ code: z.union([z.int(), z.string()]) }) });

export type ListedCallback = z.infer<typeof listed>;
export type HistoryFact = z.infer<typeof fact>;
/** What came of a booking: the service took it, now or before, or refused it for good with a code. */
export type BookingResult = { readonly kind: 'booked' } | { readonly kind: 'refused'; readonly code: string };

const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };

const codeIn = ({ status: http, body }: Extract<Exchange, { kind: 'answered' }>): string => {
  try {
    return String(status.parse(JSON.parse(body)).status.code);
  } catch {
    return `HTTP ${http}`;
  }
};

/**
 * The service as the demo uses it, over HTTP only. What fails on the way, or with 408, 429 or 5xx, is asked again until it is answered
 * or `signal` is aborted, which rejects. Time-outs and waits are the machine's, stretched by `clockSpeed` to the clock's.
 */
export const serviceApi = (options: {
  readonly url: string;
  readonly apiKey: string;
  readonly adminToken: string;
  readonly clock: Clock;
  readonly clockSpeed: number;
  readonly signal: AbortSignal;
}) => {
  const { clock, clockSpeed, signal } = options;
  const http = httpClient({ clock, maxAnswerBytes: MOST_ANSWER_BYTES });
  const asUser = { authorization: `Bearer ${options.adminToken}` };

  const ask = async (method: string, path: string, headers: Readonly<Record<string, string>>, body?: unknown) => {
    const url = new URL(path, options.url);
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    while (!signal.aborted) {
      const exchange = await http.send({ method, url, headers, ...text, timeoutMs: demo.requestTimeoutMs * clockSpeed, signal });
      const answered = exchange.kind === 'answered';
      if (answered && exchange.status < 500 && exchange.status !== 408 && exchange.status !== 429) return exchange;
      const seconds = answered ? Number(exchange.headers['retry-after']) : Number.NaN;
      const waitMs = seconds > 0 ? seconds * 1_000 : demo.retryWaitMs * clockSpeed;
      await sleepUntil(clock, clock.now() + waitMs, signal);
    }
    throw signal.reason;
  };

  const read = async (method: string, path: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<unknown> => {
    const answer = await ask(method, path, headers, body);
    const route = path.replace(/\?.*/, '');
    if (answer.status >= 300) throw refusal(`The service answered ${answer.status} (code ${codeIn(answer)}) to ${method} ${route}.`);
    return JSON.parse(answer.body);
  };

  return {
    /** Books under the booking's own key, so that a repeat finds the first. */
    book: async ({ idempotencyKey, phoneNumber, desiredTime }: PlannedBooking): Promise<BookingResult> => {
      const headers = { ...JSON_TYPE, 'x-api-key': options.apiKey, 'idempotency-key': idempotencyKey };
      const body = { serviceName: demo.queue, phoneNumber, ...(desiredTime === undefined ? {} : { desiredTime }) };
      const answer = await ask('POST', '/engagement/v3/callbacks/create', headers, body);
      return answer.status < 300 ? { kind: 'booked' } : { kind: 'refused', code: codeIn(answer) };
    },

    /** Every callback whose desired time lies in `[from, to]` (ISO instants). */
    callbacks: async (from: string, to: string): Promise<readonly ListedCallback[]> => {
      const found: ListedCallback[] = [];
      let cursor: string | null | undefined;
      do {
        const query = new URLSearchParams({ from, to, limit: '250', ...(cursor ? { cursor } : {}) });
        const { items, next } = page.parse(await read('GET', `/api/callbacks?${query}`, asUser));
        found.push(...items);
        cursor = next;
      } while (cursor);
      return found;
    },

    history: async (id: string): Promise<readonly HistoryFact[]> =>
      history.parse(await read('GET', `/api/callbacks/${encodeURIComponent(id)}/history`, asUser)).items,

    /** Sets these columns of the queue's own row and leaves the others as they are. */
    setLimits: async (limits: Readonly<Record<string, number>>): Promise<void> => {
      const path = `/api/queue-settings/${demo.queue}`;
      const { settings, inherited, etag } = settingsRow.parse(await read('GET', path, asUser));
      if (Object.entries(limits).every(([column, value]) => settings[column] === value)) return;
      const own = Object.fromEntries(Object.entries(settings).filter(([column]) => !inherited.includes(column)));
      await read('PUT', path, { ...asUser, ...JSON_TYPE, 'if-match': etag }, { ...own, ...limits });
    },

    close: http.close,
  };
};

export type ServiceApi = ReturnType<typeof serviceApi>;
