import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type ConnectorMessage, connectorMessage } from '../../src/integrations/connector/messages.ts';
import { webhookSignature } from '../../src/integrations/connector/signature.ts';
import { connectorKey, type Running } from './running.ts';

export const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

/** What was asked of the contact center, and when by the service's clock. */
export type Asked = ConnectorMessage & { readonly at: number };
type Reply =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'never'
  | 'dribbling';
/** How it treats one customer: what it answers, not at all if it never does, or a byte at a time without end, and whether it reports the calls that it takes. */
export type Manner = { readonly place: () => Reply; readonly reports: boolean };
const ACCEPTED = { status: 202 } as const;
export const obliging: Manner = { place: () => ACCEPTED, reports: true };
const AGENTS = 20;

const DRIBBLE_MS = 20;
const dribble = (response: ServerResponse): void => {
  const timer = setInterval(() => response.write(' '), DRIBBLE_MS);
  response.on('close', () => clearInterval(timer));
};

/**
 * A contact center on a port of its own, which treats each customer in the manner that was asked for. What it takes, it reports as
 * connected and ended, unless it is not to. `listen` and `stop` take its port up and give it up.
 */
export const contactCenter = async () => {
  let takes = 0;
  const asked: Asked[] = [];
  const held = new Set<ServerResponse>();
  const manners = new Map<string, Manner>();
  let running: Running | undefined;

  const tell = (path: string, body: unknown) =>
    running?.call('POST', `/contact-center/attempts/${path}`, { 'x-api-key': connectorKey }, body);
  const handle = async (attemptId: string): Promise<void> => {
    await tell(`${attemptId}/connected`, { agentId: `agent-${takes++ % AGENTS}` });
    await tell(`${attemptId}/ended`, { by: 'AGENT' });
    await ready();
  };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const now = running?.clock.now() ?? 0;
    if (!webhookSignature(secret).verify(request.headers, text, now)) {
      response.writeHead(401).end();
      return;
    }
    const message = connectorMessage.parse(JSON.parse(text));
    asked.push({ ...message, at: now });
    const manner = message.type === 'attempt.place' ? (manners.get(message.phoneNumber) ?? obliging) : obliging;
    const answer = manner.place();
    if (answer === 'never' || answer === 'dribbling') {
      held.add(response);
      if (answer === 'dribbling') dribble(response.writeHead(202));
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(JSON.stringify(answer.body ?? {}));
    if (answer.status < 300 && message.type === 'attempt.place' && manner.reports) void handle(message.attemptId);
  });
  let port = 0;
  const listen = async () => {
    if (server.listening) return;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address !== null && typeof address !== 'string') port = address.port;
  };
  const stop = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen();

  let sequence = 0;
  const ready = async (): Promise<void> => {
    sequence++;
    const agents = Array.from({ length: AGENTS }, (_, n) => ({ id: `agent-${n}`, state: 'READY', queues: ['demo', 'patient'] }));
    await running?.call('PUT', '/contact-center/agents', { 'x-api-key': connectorKey }, { source: 'pbx', sequence, agents });
  };
  return {
    ...{ url: `http://127.0.0.1:${port}`, asked, listen, stop, tell, ready },
    serve: (service: Running) => {
      running = service;
    },
    treat: (phoneNumber: string, manner: Manner) => manners.set(phoneNumber, manner),
    /** The attempts of a callback that it was asked to place, in order, each as often as it was asked. */
    placesOf: (callbackId: string) => asked.filter((one) => one.type === 'attempt.place' && one.callbackId === callbackId),
    withdrawalsOf: (callbackId: string) =>
      asked.filter((one) => one.type === 'attempt.withdraw' && one.attemptId.startsWith(`${callbackId}.`)),
    close: async () => {
      for (const response of held) response.destroy();
      await stop();
    },
  };
};
export type TestCenter = Awaited<ReturnType<typeof contactCenter>>;
