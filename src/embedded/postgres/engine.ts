import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { frontendMessages } from './frontend-messages.ts';
import { dutiesOf, lookEvery } from './housekeeping.ts';
import type { Bytes, EngineData, EngineReport, EngineRequest } from './messages.ts';
import { type Execute, shareSession } from './session.ts';

// The entry of the engine's thread.

const pieceSize = 256 * 1024; // the engine answers 8 KiB at a time; fewer, larger messages cross to the other thread

const parent = parentPort;
if (parent === null) throw new Error('the Postgres engine runs in a worker thread only');
const { dir, mode, housekeepingMs }: EngineData = workerData;
const report = (message: EngineReport) => parent.postMessage(message);

const stderr: string[] = [];
const keepStderr = (line: string) => {
  stderr.push(line);
  if (stderr.length > 20) stderr.shift();
  return false;
};

const reasonOf = (error: unknown) => [error instanceof Error ? error.message : String(error), ...stderr].join('\n');

const concat = (parts: readonly Uint8Array[], size: number): Bytes => {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

const executeIn =
  (engine: PGlite): Execute =>
  async (messages, onAnswer) => {
    let parts: Uint8Array[] = [];
    let size = 0;
    const flush = () => {
      if (size > 0) onAnswer(concat(parts, size));
      parts = [];
      size = 0;
    };
    await engine.execProtocolRawStream(messages, {
      onRawData: (data) => {
        parts.push(data.slice()); // a view of the engine's memory
        size += data.length;
        if (size >= pieceSize) flush();
      },
    });
    flush();
  };

const serve = (engine: PGlite) => {
  const breakDown = (error: unknown) =>
    setImmediate(() => {
      throw error; // ends the thread
    });
  const session = shareSession(executeIn(engine), breakDown);
  const keepHouse = async () => {
    for (const statement of await session.alone(() => dutiesOf(engine))) await session.alone(() => engine.exec(statement));
  };
  const worked = lookEvery(housekeepingMs, performance.now.bind(performance), () => {
    keepHouse().catch(() => undefined); // a table dropped meanwhile; whatever is still due is found the next time
  });
  const serveClient = (port: MessagePort) => {
    const client = session.join((bytes) => port.postMessage(bytes, [bytes.buffer]));
    const take = frontendMessages();
    let leaving: Promise<void> | undefined;
    const leave = () => {
      leaving ??= client.leave();
      return leaving;
    };
    port.on('message', async (chunk: Bytes) => {
      for (const messages of take(chunk)) {
        client.send(messages);
        worked();
      }
      if (chunk.length > 0) return;
      await leave();
      port.close();
    });
    port.on('close', leave);
  };
  parent.on('message', async (request: EngineRequest) => {
    if (request.type === 'client') return serveClient(request.port);
    await engine.close();
    process.exit(0); // ends the thread
  });
};

try {
  const engine = await PGlite.create(dir, { onStderr: keepStderr });
  if (mode === 'initialise') await engine.close();
  else serve(engine);
  report({ type: 'ready' });
} catch (error) {
  report({ type: 'failed', reason: reasonOf(error) });
}
