/**
 * The smallest contact center that does the whole job: takes signed messages, dials, and reports. Replace `dial` by your PBX's or CPaaS's
 * own call, keep the rest. docs/connector.md says what each message and answer means.
 *
 *   CONNECTOR_SECRET=whsec_… CONNECTOR_KEY=… RINGBACK_URL=http://127.0.0.1:8080 QUEUES=demo node examples/connector/connector.mjs
 *   CONNECTOR_URL=http://127.0.0.1:9090/ CONNECTOR_SECRET=whsec_… BOOTSTRAP_CONNECTOR_KEY=… npm start
 */
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';

const { CONNECTOR_SECRET, CONNECTOR_KEY, RINGBACK_URL, PORT = '9090', QUEUES = 'demo', AGENTS = '2' } = process.env;
const { RING_MS = '3000', TALK_MS = '10000' } = process.env;
const REPORT_AGENTS_MS = 10_000; // the service takes 30 s of silence for nobody ready
const REMEMBER_MS = 60 * 60_000;
const LARGEST_BODY = 256 * 1024;

/**
 * Dials a customer: `outcome` is ANSWERED, BUSY, NO_ANSWER and so on, undefined for one that was hung up, `ended` says who ended a call that was
 * answered, `hangUp` stops the ringing. One that throws hasn't dialed; an `outcome` that is rejected is FAILED.
 * This one plays a customer who answers and is content. A real one calls your telephony with `phoneNumber`, `displayNumber` and `routePoint`.
 */
const dial = ({ phoneNumber }) => {
  const ringing = new AbortController();
  const outcome = pause(Number(RING_MS), phoneNumber.endsWith('99') ? 'NO_ANSWER' : 'ANSWERED', { signal: ringing.signal });
  return { outcome: outcome.catch(() => undefined), ended: () => pause(Number(TALK_MS), 'AGENT'), hangUp: () => ringing.abort() };
};

/** Reports until it is taken: reports are idempotent, and all but 5xx and 429 are final. */
const report = async (method, path, body) => {
  for (let wait = 100; ; wait = Math.min(wait * 2, 5_000)) {
    const answer = await fetch(new URL(`/contact-center/${path}`, RINGBACK_URL), {
      method,
      headers: { authorization: `Bearer ${CONNECTOR_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined && answer.status < 500 && answer.status !== 429) return answer.status;
    await pause(wait * (0.5 + Math.random()));
  }
};
const now = () => new Date().toISOString();
const reportAttempt = (id, what, body) => report('POST', `attempts/${encodeURIComponent(id)}/${what}`, { ...body, at: now() });

const agents = Array.from({ length: Number(AGENTS) }, (_, index) => ({ id: `agent-${index + 1}`, state: 'READY' }));
let sequence = Date.now();
const reportAgents = () => {
  sequence = Math.max(sequence + 1, Date.now());
  const rows = agents.map((agent) => ({ ...agent, queues: QUEUES.split(','), skills: {} }));
  return report('PUT', 'agents', { source: 'example', sequence, full: true, agents: rows });
};
const freeAgent = async () => {
  for (;;) {
    const agent = agents.find(({ state }) => state === 'READY');
    if (agent !== undefined) return agent;
    await pause(100);
  }
};

/** Attempts that were taken on: a repeat of one is answered as the first, and dialed once. */
const calls = new Map();

const handle = async (attemptId, call) => {
  const outcome = await call.line.outcome.catch(() => 'FAILED');
  if (outcome === undefined) return reportAttempt(attemptId, 'withdrawn', {});
  call.state = outcome;
  await reportAttempt(attemptId, 'outcome', { outcome });
  if (outcome !== 'ANSWERED') return;
  const agent = await freeAgent();
  agent.state = 'BUSY';
  await reportAttempt(attemptId, 'connected', { agentId: agent.id });
  await reportAttempt(attemptId, 'ended', { by: await call.line.ended().catch(() => 'CUSTOMER') });
  agent.state = 'READY';
  await reportAgents(); // a connected agent is ready again only when that is said
};

/** The call, or undefined where none could be made: nothing rings, so the attempt may be refused. */
const dialed = (message) => {
  try {
    return dial(message);
  } catch (error) {
    console.error('not dialed:', error.message);
    return undefined;
  }
};

const place = (message) => {
  const { attemptId, placeBy } = message;
  if (calls.has(attemptId)) return { status: 202 };
  if (Date.parse(placeBy) <= Date.now()) return { status: 409, reason: 'PLACE_BY_PASSED' };
  const line = dialed(message);
  if (line === undefined) return { status: 409, reason: 'NO_LINE' };
  const call = { state: 'RINGING', line };
  calls.set(attemptId, call);
  void handle(attemptId, call).finally(() => setTimeout(() => calls.delete(attemptId), REMEMBER_MS).unref());
  return { status: 202 };
};

const withdraw = ({ attemptId }) => {
  const call = calls.get(attemptId);
  if (call === undefined) return { status: 404, reason: 'UNKNOWN' };
  if (call.state !== 'RINGING') return { status: 409, reason: 'NOT_RINGING' };
  call.line.hangUp();
  return { status: 202 };
};

const webhook = new Webhook(CONNECTOR_SECRET);
const bodyOf = async (request) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
    if (body.length > LARGEST_BODY) return undefined;
  }
  return body;
};
const receive = async (request) => {
  const body = await bodyOf(request);
  if (body === undefined) return { status: 413, reason: 'TOO_LARGE' };
  let message;
  try {
    message = webhook.verify(body, request.headers);
  } catch {
    return { status: 401, reason: 'BAD_SIGNATURE' };
  }
  if (message.type === 'attempt.place') return place(message);
  return message.type === 'attempt.withdraw' ? withdraw(message) : { status: 400, reason: 'UNKNOWN_TYPE' };
};

const server = createServer(async (request, response) => {
  const { status, reason } = await receive(request).catch(() => ({ status: 500 }));
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ reason }));
});
server.listen(Number(PORT), '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}/`));
void reportAgents();
setInterval(() => void reportAgents(), REPORT_AGENTS_MS);
