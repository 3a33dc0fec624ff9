/**
 * A contact center for crash tests, a program of its own: takes `attempt.place` and `attempt.withdraw`, verifies their signatures, refuses what
 * comes after `placeBy`, never recognizes a repeat, and writes down every call and every end of a call, in order, before it acts on it.
 * Plays outcomes back over REST, each again and again until the service answers. What a customer does depends on seed, number and attempt only.
 * Ends when its standard input does, so that no test leaves one behind.
 */
import { createHash } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { connectorMessage } from '../../src/integrations/connector/messages.ts';

type Place = Extract<z.output<typeof connectorMessage>, { type: 'attempt.place' }>;

const environment = z.object({
  RECORD_FILE: z.string(),
  CONNECTOR_SECRET: z.string(),
  CONNECTOR_KEY: z.string(),
  /** Where the service's nodes are: an attempt's report goes to whichever answers, the agents' states to each. */
  SERVICE_URLS: z.string().transform((text) => text.split(',')),
  QUEUES: z.string().transform((text) => text.split(',')),
  AGENTS: z.coerce.number().int().min(1),
  SEED: z.string(),
});
const { RECORD_FILE, CONNECTOR_SECRET, CONNECTOR_KEY, SERVICE_URLS, QUEUES, AGENTS, SEED } = environment.parse(process.env);

const AGENTS_EVERY_MS = 1_000;
const AGAIN_MS = 100;
const ANSWER_MS = 2_000;

const file = openSync(RECORD_FILE, 'a');
const record = (kind: string, details: object): void => {
  writeSync(file, `${JSON.stringify({ at: Date.now(), kind, ...details })}\n`);
};

const drawn = (...words: readonly (string | number)[]): number =>
  createHash('sha256')
    .update([SEED, ...words].join('\n'))
    .digest()
    .readUInt32BE(0) / 0x1_0000_0000;

type Reaction =
  | 'talks'
  | 'connects at once'
  | 'is over at once'
  | 'BUSY'
  | 'NO_ANSWER'
  | 'stays silent'
  | 'loses the answer'
  | 'refuses'
  | 'breaks';
const reactions: readonly (readonly [number, Reaction])[] = [
  [0.4, 'talks'],
  [0.5, 'connects at once'],
  [0.57, 'is over at once'],
  [0.68, 'BUSY'],
  [0.79, 'NO_ANSWER'],
  [0.88, 'stays silent'],
  [0.94, 'loses the answer'],
  [0.97, 'refuses'],
  [1, 'breaks'],
];
const numberOf = (attemptId: string): string => attemptId.slice(attemptId.lastIndexOf('.') + 1);
const reactionOf = ({ phoneNumber, attemptId }: Place): Reaction => {
  const at = drawn(phoneNumber, numberOf(attemptId), 'reaction');
  return reactions.find(([until]) => at < until)?.[1] ?? 'talks';
};

const send = async (method: 'PUT' | 'POST', serviceUrl: string, path: string, body: object): Promise<number> => {
  try {
    const answer = await fetch(new URL(path, serviceUrl), {
      method,
      headers: { authorization: `Bearer ${CONNECTOR_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 503; // killed, or not there yet
  }
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The node that answered last is asked first. */
let answering = 0;
const tellAttempt = async (attemptId: string, report: string, body: object): Promise<void> => {
  for (let node = answering; ; node = (node + 1) % SERVICE_URLS.length) {
    const serviceUrl = SERVICE_URLS[node] ?? '';
    const status = await send('POST', serviceUrl, `/contact-center/attempts/${encodeURIComponent(attemptId)}/${report}`, body);
    if (status < 500 && status !== 429) {
      answering = node;
      record('told', { attemptId, report, status });
      return;
    }
    await pause(AGAIN_MS);
  }
};

const busy = new Set<string>();
const agents = Array.from({ length: AGENTS }, (_, index) => `agent-${index + 1}`);
let sequence = Date.now();
const tellAgents = async (serviceUrl: string): Promise<void> => {
  const rows = agents.map((id) => ({ id, state: busy.has(id) ? 'BUSY' : 'READY', queues: QUEUES, skills: {} }));
  sequence++;
  await send('PUT', serviceUrl, '/contact-center/agents', { source: 'recording', sequence, full: true, agents: rows });
};
const keepTellingAgents = async (serviceUrl: string): Promise<never> => {
  for (;;) await Promise.all([tellAgents(serviceUrl), pause(AGENTS_EVERY_MS)]);
};
const freeAgent = async (): Promise<string> => {
  for (;;) {
    const free = agents.find((id) => !busy.has(id));
    if (free !== undefined) return free;
    await pause(AGAIN_MS);
  }
};

type Call = { withdrawn: boolean; talking: boolean; over: boolean; asked: boolean };
const calls = new Map<string, Call>();
const withdrawnEarly = new Set<string>();

const over = (call: Call, attemptId: string, how: string): void => {
  call.over = true;
  record('over', { attemptId, how });
};

const talk = async (call: Call, { attemptId }: Place, reaction: Reaction, ms: number): Promise<void> => {
  if (reaction !== 'connects at once' && reaction !== 'is over at once') await tellAttempt(attemptId, 'outcome', { outcome: 'ANSWERED' });
  const agentId = await freeAgent();
  busy.add(agentId);
  if (reaction !== 'is over at once') await tellAttempt(attemptId, 'connected', { agentId });
  await pause(ms);
  over(call, attemptId, 'ended');
  busy.delete(agentId);
  await tellAttempt(attemptId, 'ended', { by: 'AGENT' });
  for (const serviceUrl of SERVICE_URLS) void tellAgents(serviceUrl);
};

const dial = async (call: Call, place: Place, reaction: Reaction): Promise<void> => {
  const { attemptId, phoneNumber } = place;
  const chance = drawn(phoneNumber, numberOf(attemptId), 'duration');
  await pause(30 + 200 * chance);
  if (call.withdrawn || reaction === 'stays silent') return; // rings on, as far as the service can know
  if (reaction === 'BUSY' || reaction === 'NO_ANSWER') {
    over(call, attemptId, reaction);
    return tellAttempt(attemptId, 'outcome', { outcome: reaction });
  }
  call.talking = true;
  return talk(call, place, reaction, 50 + 300 * chance);
};

type Answer = { readonly status: number; readonly reason?: string } | 'lost';

const place = (message: Place): Answer => {
  const { attemptId, callbackId, placeBy } = message;
  const reaction = reactionOf(message);
  const refusal =
    Date.now() > Date.parse(placeBy)
      ? 'PLACE_BY_PASSED'
      : withdrawnEarly.has(attemptId)
        ? 'WITHDRAWN'
        : reaction === 'refuses'
          ? 'NO_LINE'
          : null;
  const rings = refusal === null && reaction !== 'breaks';
  record('place', { attemptId, callbackId, placeBy: Date.parse(placeBy), rings, phoneNumber: message.phoneNumber });
  if (refusal !== null) return { status: 409, reason: refusal };
  if (!rings) return { status: 500 };
  const call: Call = { withdrawn: false, talking: false, over: false, asked: false };
  calls.set(attemptId, call);
  void dial(call, message, reaction);
  return reaction === 'loses the answer' ? 'lost' : { status: 200 };
};

const withdraw = (attemptId: string): Answer => {
  const call = calls.get(attemptId);
  record('withdraw', { attemptId });
  if (call?.talking) return { status: 409, reason: 'CONNECTED' };
  if (call?.over) return { status: 409, reason: 'ENDED' };
  const chance = drawn(attemptId, 'withdrawal');
  if (call !== undefined && chance < 0.4) return { status: 200 }; // taken note of, and rings on
  if (call !== undefined && chance < 0.6 && !call.asked) {
    call.asked = true;
    return { status: 500 };
  }
  if (call === undefined) withdrawnEarly.add(attemptId);
  else {
    call.withdrawn = true;
    over(call, attemptId, 'withdrawn');
  }
  void tellAttempt(attemptId, 'withdrawn', {});
  return { status: 200 };
};

const webhook = new Webhook(CONNECTOR_SECRET);
const signed = (request: IncomingMessage, body: string): unknown => {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return webhook.verify(body, headers);
};

const receive = async (request: IncomingMessage): Promise<Answer> => {
  let body = '';
  for await (const chunk of request) body += chunk;
  try {
    const message = connectorMessage.parse(signed(request, body));
    return message.type === 'attempt.place' ? place(message) : withdraw(message.attemptId);
  } catch {
    record('unreadable', {});
    return { status: 401, reason: 'BAD_SIGNATURE' };
  }
};

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const answered = await receive(request).catch(() => 'lost' as const); // killed in the middle of its message
  if (answered === 'lost') request.destroy();
  else response.writeHead(answered.status, { 'content-type': 'application/json' }).end(JSON.stringify({ reason: answered.reason }));
};

process.stdin.resume().once('end', () => process.exit(0));
const server = createServer((request, response) => void answer(request, response));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  process.stdout.write(`http://127.0.0.1:${address.port}/attempts\n`);
  for (const serviceUrl of SERVICE_URLS) void keepTellingAgents(serviceUrl);
});
