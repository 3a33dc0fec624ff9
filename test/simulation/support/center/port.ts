import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Clock } from '../../../../src/clock.ts';
import { connectorMessage } from '../../../../src/integrations/connector/messages.ts';
import { webhookSignature } from '../../../../src/integrations/connector/signature.ts';
import type { CallsFloor, Reply } from './calls.ts';

export const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const TOLERANCE_MS = 300_000;

/** The port of a contact center, where signed messages come in. It stays the same when it is given up and taken up again. */
export const centerPort = async (clock: Clock, floor: Pick<CallsFloor, 'place' | 'withdraw' | 'unreadable'>) => {
  const receive = async (request: IncomingMessage): Promise<Reply> => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (!webhookSignature(secret, TOLERANCE_MS).verify(request.headers, text, clock.now())) {
      floor.unreadable();
      return { status: 401 };
    }
    const message = connectorMessage.parse(JSON.parse(text));
    return message.type === 'attempt.place' ? floor.place(message) : floor.withdraw(message.attemptId);
  };
  const server = createServer(async (request, response) => {
    const reply = await receive(request).catch(() => 'lost' as const); // its sender is gone
    if (reply === 'lost') request.destroy();
    else response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify({ reason: reply.reason }));
  });
  let port = 0;
  const listen = async (): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address !== 'string') port = address.port;
  };
  const hangUp = async (): Promise<void> => {
    if (!server.listening) return;
    const closes = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closes;
  };
  await listen();
  return { url: `http://127.0.0.1:${port}`, listen, hangUp };
};
