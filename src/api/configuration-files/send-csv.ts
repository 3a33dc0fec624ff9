import type { FastifyReply } from 'fastify';

/** Answers with a file of CSV, with the byte-order mark by which spreadsheets know UTF-8. */
export const sendCsv = (reply: FastifyReply, name: string, lines: Iterable<string>): FastifyReply =>
  reply
    .headers({ 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${name}.csv"` })
    .serializer(String)
    .send(`\uFEFF${[...lines].join('')}`);
