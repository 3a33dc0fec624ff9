import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

const NDJSON = 'application/x-ndjson';

/** Whether an accept header asks for a line of JSON a row. */
export const wantsNdjson = (accept: string | undefined): boolean =>
  (accept ?? '').split(',').some((range) => range.split(';')[0]?.trim().toLowerCase() === NDJSON);

async function* lines(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

/** Answers with rows as they come, no faster than they are taken; whoever goes away ends them. A failure on the way cuts the answer off. */
export const sendNdjson = (reply: FastifyReply, rows: AsyncIterable<unknown>): FastifyReply =>
  reply.type(NDJSON).send(Readable.from(lines(rows), { objectMode: false, highWaterMark: 65_536 }));
