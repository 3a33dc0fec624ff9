import type { Clock } from '../../clock.ts';
import { type Exchange, httpClient } from '../http/exchange.ts';
import { type ConnectorBreaker, connectorBreaker } from './breaker.ts';
import type { AttemptPlacement, AttemptWithdrawal, ConnectorMessage } from './messages.ts';
import { webhookId, webhookSignature } from './signature.ts';

/**
 * What the contact center did with a message.
 * `accepted`: 2xx. `refused`: 4xx, so nothing is dialed for it; `reason` is the answer's `reason` when that is a code such as
 * `PLACE_BY_PASSED`, else `HTTP_<status>`. `unreachable`: no connection was made, so nothing was sent. `unknown`: it was sent, or may
 * have been, and no usable answer came; only a report or the passing of time tells whether the customer is being dialed.
 */
export type ConnectorResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly cause: string }
  | { readonly kind: 'unknown'; readonly cause: string };

export type ConnectorClient = {
  /**
   * A placement that was held up, behind a message that tests an open circuit, goes out unless `instead` then says that it mustn't any more:
   * its result is answered, and nothing is sent.
   */
  readonly place: (
    placement: AttemptPlacement,
    signal?: AbortSignal,
    instead?: () => Promise<ConnectorResult | undefined>,
  ) => Promise<ConnectorResult>;
  readonly withdraw: (withdrawal: AttemptWithdrawal, signal?: AbortSignal) => Promise<ConnectorResult>;
  /** Whether the contact center takes nothing at present: messages are answered `unreachable` without being sent, or wait for one that tests it. */
  readonly isDown: () => boolean;
  readonly close: () => void;
};

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Free text could repeat a phone number back to us and end in a log, so a reason is a code or nothing. */
const reasonIn = (body: string): string | undefined => {
  try {
    const answer: unknown = JSON.parse(body);
    if (typeof answer !== 'object' || answer === null || !('reason' in answer)) return undefined;
    return typeof answer.reason === 'string' && CODE.test(answer.reason) ? answer.reason : undefined;
  } catch {
    return undefined;
  }
};

const resultOf = (exchange: Exchange): ConnectorResult => {
  if (exchange.kind === 'unsent') return { kind: 'unreachable', cause: exchange.cause };
  if (exchange.kind === 'lost') return { kind: 'unknown', cause: exchange.cause };
  const { status, body } = exchange;
  if (status >= 200 && status < 300) return { kind: 'accepted' };
  if (status >= 400 && status < 500) return { kind: 'refused', status, reason: reasonIn(body) ?? `HTTP_${status}` };
  return { kind: 'unknown', cause: `HTTP_${status}` };
};

/**
 * The outgoing side of the connector (7.1): POSTs signed messages to `url`. Never retries, so that the caller decides what a repeat
 * may mean (7.6), and sends nothing while the circuit is open; a repeat of the same message carries the same `webhook-id`. `timeoutMs` counts on `clock`, whose time is also the
 * signature's: the receiver verifies against the same clock. Throws at once when `url` or `secret` (see `webhookSignature`) is malformed.
 */
export const connectorClient = (options: {
  readonly url: string;
  readonly secret: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly breaker?: ConnectorBreaker;
}): ConnectorClient => {
  const { clock, timeoutMs, breaker = connectorBreaker() } = options;
  const url = new URL(options.url);
  const signature = webhookSignature(options.secret);
  const http = httpClient({ clock });

  const send = async (message: ConnectorMessage, signal: AbortSignal | undefined): Promise<ConnectorResult> => {
    const body = JSON.stringify(message);
    const headers = { 'content-type': 'application/json', ...signature.sign(webhookId(message), body, clock.now()) };
    return resultOf(await http.send({ method: 'POST', url, headers, body, timeoutMs, signal }));
  };

  return {
    place: (placement, signal, instead = async () => undefined) => {
      const isLate = () => clock.now() >= Date.parse(placement.placeBy);
      const wasLate = isLate();
      let isHeldUp = false;
      const sent = breaker.through(async (): Promise<ConnectorResult> => {
        const unsent = isHeldUp ? await instead() : undefined;
        if (unsent !== undefined) return unsent;
        if (!wasLate && isLate()) return { kind: 'unreachable', cause: 'PLACE_BY_PASSED' };
        return send({ ...placement, type: 'attempt.place' }, signal);
      });
      isHeldUp = true; // whatever isn't on its way by now
      return sent;
    },
    withdraw: ({ attemptId }, signal) => breaker.through(() => send({ type: 'attempt.withdraw', attemptId }, signal)),
    isDown: breaker.isOpen,
    close: http.close,
  };
};
