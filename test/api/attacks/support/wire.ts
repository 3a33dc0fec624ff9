import { connect, type Socket } from 'node:net';

/** A connection of its own to the service, and everything that came back on it. */
export type Wire = {
  readonly socket: Socket;
  readonly received: () => string;
  /** Settles once the service has closed the connection. */
  readonly closed: Promise<void>;
};

export const wireTo = (url: string): Wire => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => undefined); // a reset is one way of being refused
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
  return { socket, received: () => received, closed };
};

/** Sends bytes as they are, and answers all that came back until the service closed the connection. */
export const exchange = async (url: string, bytes: string | Buffer): Promise<string> => {
  const wire = wireTo(url);
  wire.socket.write(bytes);
  await wire.closed;
  return wire.received();
};

/** One request as text; the service closes after its answer. */
export const request = (line: string, headers: readonly string[] = [], body = ''): string =>
  [`${line} HTTP/1.1`, 'host: ringback.test', 'connection: close', ...headers, '', body].join('\r\n');

/** The statuses of the answers in what came back, in order: each at the start, or after the end of a body or of headers. */
export const statusesIn = (received: string): number[] =>
  [...received.matchAll(/(?<=^|[}>\n])HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

/** The body of the last answer. */
export const bodyIn = (received: string): string => received.slice(received.lastIndexOf('\r\n\r\n') + 4);
