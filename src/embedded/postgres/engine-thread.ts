import type { MessagePort, Worker } from 'node:worker_threads';
import { startWorker } from '../worker.ts';
import type { EngineData, EngineReport, EngineRequest } from './messages.ts';

/** The engine ran and would not open or make the files, as opposed to a thread that died. `reason`: its own words. */
export class EngineRefusal extends Error {
  readonly reason: string;
  constructor(dir: string, reason: string) {
    super(`the embedded Postgres can't use ${dir}: ${reason}`);
    this.name = 'EngineRefusal';
    this.reason = reason;
  }
}

const start = async (data: EngineData): Promise<Worker> => {
  const worker = startWorker(import.meta.url, 'engine', data);
  const report = await new Promise<EngineReport>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the embedded Postgres ended while starting (exit code ${code})`)));
  });
  if (report.type === 'ready') return worker;
  await worker.terminate();
  throw new EngineRefusal(data.dir, report.reason);
};

/** Makes an empty database in `dir`, which must not exist, in a thread that gives its memory (850 MB) back. Throws EngineRefusal. */
export const initialise = async (dir: string): Promise<void> => {
  const worker = await start({ dir, mode: 'initialise', housekeepingMs: 0 });
  await worker.terminate();
};

export type Engine = {
  /** Hands the engine one end of a channel that carries a client's wire protocol. */
  readonly serve: (port: MessagePort) => void;
  readonly close: () => Promise<void>;
  /** Settles when the thread is gone, closed or broken down. */
  readonly ended: Promise<void>;
};

/** Opens the database in `dir`, and looks after it while it is used, every `housekeepingMs`. Throws EngineRefusal if its files don't open. */
export const openEngine = async (dir: string, housekeepingMs = 2_000): Promise<Engine> => {
  const worker = await start({ dir, mode: 'serve', housekeepingMs });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', () => undefined); // what broke reaches each client as a lost connection
  const request = (message: EngineRequest, transfer: MessagePort[] = []) => worker.postMessage(message, transfer);
  return {
    serve: (port) => request({ type: 'client', port }, [port]),
    close: () => {
      request({ type: 'close' });
      return ended;
    },
    ended,
  };
};
