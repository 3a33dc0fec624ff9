import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { Config } from '../config.ts';
import { callbackStream } from '../domain/callback/events.ts';
import { openStores } from './stores.ts';

/**
 * `npm run replay -- --stream S` or `--callback ID`, `[--as-of INSTANT]`: the history of a stream, one JSON line an event, up to that instant.
 * Personal fields read as null. Opens the stores itself, so no service may hold them.
 */
export const replayCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  const { values } = parseArgs({
    args: [...argv],
    options: { stream: { type: 'string' }, callback: { type: 'string' }, 'as-of': { type: 'string' } },
  });
  const { stream, callback, 'as-of': asOf } = values;
  const streamId = stream ?? (callback === undefined ? undefined : callbackStream(callback));
  const until = asOf === undefined ? Number.POSITIVE_INFINITY : Date.parse(asOf);
  if (streamId === undefined || Number.isNaN(until)) {
    process.stderr.write('replay: give --stream STREAM or --callback ID, and --as-of an ISO 8601 instant if any.\n');
    return 1;
  }
  const stores = await openStores(config, pino({ level: 'warn' }, pino.destination(2)));
  try {
    for await (const { data, type, revision, position, id, metadata } of stores.store.readStream(streamId)) {
      if (Date.parse(data.at) > until) break;
      process.stdout.write(`${JSON.stringify({ position: String(position), revision: String(revision), id, type, metadata, data })}\n`);
    }
    return 0;
  } finally {
    await stores.close();
  }
};
