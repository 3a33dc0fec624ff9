import type { MessagePort } from 'node:worker_threads';

/** Bytes of the Postgres wire protocol. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What the engine's thread starts with. */
export type EngineData = {
  readonly dir: string;
  /** `initialise` makes an empty database in `dir` and closes it; `serve` opens the one in `dir` and takes clients. */
  readonly mode: 'initialise' | 'serve';
  /** How often, in milliseconds, to look for tables to vacuum and a log to checkpoint. */
  readonly housekeepingMs: number;
};

/** From the engine's thread. `reason`: the engine's own words. */
export type EngineReport = { readonly type: 'ready' } | { readonly type: 'failed'; readonly reason: string };

/**
 * To the engine's thread. `port` carries one client's wire protocol as Bytes; empty ones say that the client is done,
 * and the engine closes the port when it has ended what the client left open.
 */
export type EngineRequest = { readonly type: 'client'; readonly port: MessagePort } | { readonly type: 'close' };
