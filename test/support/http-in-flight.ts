import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

const inFlight = new Set<unknown>();
let changedAt = 0;

const begun = (exchange: unknown) => {
  inFlight.add(exchange);
  changedAt = performance.now();
};
const ended = (exchange: unknown) => {
  inFlight.delete(exchange);
  changedAt = performance.now();
};
const requestIn = (message: unknown) =>
  typeof message === 'object' && message !== null && 'request' in message ? message.request : undefined;
const isClientRequest = (request: unknown): request is ClientRequest =>
  typeof request === 'object' && request !== null && 'once' in request;

subscribe('http.client.request.start', (message) => {
  const request = requestIn(message);
  if (!isClientRequest(request)) return;
  begun(request);
  request.once('close', () => ended(request));
});
subscribe('http.server.request.start', () => {
  changedAt = performance.now();
});
subscribe('undici:request:create', (message) => begun(requestIn(message)));
subscribe('undici:request:trailers', (message) => ended(requestIn(message)));
subscribe('undici:request:error', (message) => ended(requestIn(message)));

/** A server that says nothing for so long, in the machine's ms, holds its answer back on purpose. */
const HELD_MS = 100;

/** Whether a request of this process waits for an answer that is still to be expected: one held back on purpose doesn't count. */
export const httpInFlight = (): boolean => inFlight.size > 0 && performance.now() - changedAt < HELD_MS;
