import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { headersOfData } from '../security-headers.ts';
import { bodyOf } from './body.ts';
import { Failure } from './failure.ts';
import type { ErrorName } from './table.ts';

const byCode: Readonly<Record<string, ErrorName>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TOO_SLOW',
};

/** Answers on the socket what isn't HTTP, or is too large or slow for Node's parser to hand on; undefined where nobody is left to answer. */
export const answerUnreadable = (code: string, socket: Socket, corrId: string): Failure | undefined => {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return undefined;
  }
  const failure = new Failure(byCode[code] ?? 'MALFORMED_REQUEST');
  const { http } = failure.row;
  const body = JSON.stringify(bodyOf(failure, corrId));
  const head = [
    `HTTP/1.1 ${http} ${STATUS_CODES[http]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-correlation-id: ${corrId}`,
    'connection: close',
    ...Object.entries(headersOfData).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  return failure;
};
