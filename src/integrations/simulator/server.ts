import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../clock.ts';
import { type ConnectorMessage, connectorMessage } from '../connector/messages.ts';
import { webhookSignature } from '../connector/signature.ts';
import type { Log } from './delivery.ts';

export type Answer = { readonly status: number; readonly body: { readonly result: string } | { readonly reason: string } };

const MOST_BYTES = 256 * 1024;
const refusal = (status: number, reason: string): Answer => ({ status, body: { reason } });

const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const messageIn = (body: string): ConnectorMessage | undefined => {
  try {
    return connectorMessage.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
};

/**
 * Receives the service's signed webhooks on 127.0.0.1 (a free port when none is given) and answers with what `receive` says.
 * 401 for a signature that doesn't verify, or was made more than `toleranceMs` from the clock's time, 400 for a message it can't read, 413 for one over 256 KiB.
 */
export const startWebhookServer = async (options: {
  readonly port: number;
  readonly secret: string;
  readonly clock: Clock;
  readonly toleranceMs: number;
  readonly receive: (message: ConnectorMessage) => Answer;
  readonly log: Log;
}): Promise<{ readonly url: string; readonly close: () => Promise<void> }> => {
  const { port, secret, clock, toleranceMs, receive, log } = options;
  const signature = webhookSignature(secret, toleranceMs);

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    if (request.method !== 'POST') return refusal(405, 'POST_ONLY');
    const body = await readBody(request);
    if (body === undefined) return refusal(413, 'TOO_LARGE');
    if (!signature.verify(request.headers, body, clock.now())) return refusal(401, 'BAD_SIGNATURE');
    const message = messageIn(body);
    return message === undefined ? refusal(400, 'BAD_MESSAGE') : receive(message);
  };

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const { status, body } = await answerTo(request);
      const text = JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
      if (status === 413) request.destroy();
    } catch (error) {
      // The sender went away in the middle of its message: nobody is left to answer.
      log.warn(
        { code: error instanceof Error && 'code' in error ? error.code : undefined },
        'A message to the simulated contact center broke off',
      );
      response.destroy();
    }
  };

  const server = createServer((request, response) => void respond(request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulated contact center has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/attempts`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
