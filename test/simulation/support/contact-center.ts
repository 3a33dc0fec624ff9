import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Clock } from '../../../src/clock.ts';
import { type ConnectorMessage, connectorMessage } from '../../../src/integrations/connector/messages.ts';
import { webhookSignature } from '../../../src/integrations/connector/signature.ts';
import type { Recorded } from '../../crash/support/contact-center.ts';
import { type Random, seeded } from '../../crash/support/random.ts';
import { type Customer, QUEUES } from './traffic.ts';

export const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const HOUR_MS = 3_600_000;
const BEAT_MS = 120_000;
const LATE_MS = 240_000;

export type Agent = { readonly id: string; readonly queues: readonly string[]; state: 'READY' | 'BUSY' | 'OUT'; leaves: boolean };
/** What was said of ready agents: of each queue how many, when it was sent, and when it was answered (epoch ms). */
export type Said = { readonly sentAt: number; answeredAt: number; readonly ready: Readonly<Record<string, number>> };
/** Sends a report; answers the status, or undefined when nobody answered. */
export type Tell = (method: 'PUT' | 'POST', path: string, body: unknown) => Promise<number | undefined>;

type Call = {
  readonly attemptId: string;
  readonly queue: string;
  readonly customer: Customer;
  phase: 'RINGING' | 'WAITING' | 'TALKING';
  cancel: () => void;
};
type Report = readonly [path: 'outcome' | 'connected' | 'ended' | 'withdrawn', body: object];
type Reply = { readonly status: number; readonly reason?: string } | 'lost';

/**
 * A contact center on a port of its own and the service's clock, with four agents who share two queues. It writes down what it was asked and
 * what came of it. With `isFaulty` it loses, repeats, delays and leaves out reports and breaks off answers as the seed has it;
 * `listen` and `hangUp` take its port up and give it up, `logOut` and `logIn` send agents away and back.
 */
export const startCenter = async (options: {
  readonly clock: Clock;
  readonly seed: number;
  readonly isFaulty: boolean;
  readonly customers: ReadonlyMap<string, Customer>;
  readonly tell: Tell;
}) => {
  const { clock, seed, isFaulty, customers, tell } = options;
  const record: Recorded[] = [];
  const said: Said[] = [];
  const faults: string[] = [];
  const agents: Agent[] = [[...QUEUES], [...QUEUES], ['sales'], ['care']].map((queues, n) => ({
    ...{ id: `agent-${n + 1}`, queues, state: 'READY' as const, leaves: false },
  }));
  const calls = new Map<string, Call>();
  const gone = new Map<string, Reply>();
  const dialed = new Map<string, number>();
  const pending = new Set<() => void>();
  let closed = false;

  const after = (ms: number, then: () => void): (() => void) => {
    const cancel = clock.at(clock.now() + ms, () => {
      pending.delete(stop);
      then();
    });
    const stop = () => {
      pending.delete(stop);
      cancel();
    };
    pending.add(stop);
    return stop;
  };
  const pause = (ms: number) => new Promise<void>((resolve) => void after(ms, resolve));

  let sequence = clock.now();
  let changed = false;
  let saying: Promise<void> | undefined;
  const say = async (): Promise<void> => {
    while (changed && !closed) {
      changed = false;
      sequence++;
      const ready = Object.fromEntries(QUEUES.map((q) => [q, agents.filter((a) => a.state === 'READY' && a.queues.includes(q)).length]));
      const one: Said = { sentAt: clock.now(), answeredAt: Number.POSITIVE_INFINITY, ready };
      said.push(one);
      const rows = agents.map(({ id, state, queues }) => ({ id, state, queues }));
      const status = await tell('PUT', '/contact-center/agents', { source: 'pbx', sequence, agents: rows });
      if (status === 200) one.answeredAt = clock.now();
      else if (status !== undefined && status < 500) faults.push(`a report of agents was answered ${status}`);
    }
    saying = undefined;
  };
  /** One report is on its way at a time. */
  const sayAgents = (): Promise<void> => {
    changed = true;
    saying ??= say();
    return saying;
  };
  const beat = () => {
    if (closed) return;
    void sayAgents();
    after(BEAT_MS, beat);
  };

  /** Repeats a report until it is answered. */
  const insist = async (attemptId: string, [path, body]: Report): Promise<void> => {
    if (path === 'connected') await saying;
    while (!closed) {
      const status = await tell('POST', `/contact-center/attempts/${attemptId}/${path}`, body);
      if (status === 200) return;
      if (status !== undefined && status < 500) {
        faults.push(`the report ${path} of ${attemptId} was answered ${status}`);
        return;
      }
      await pause(10_000);
    }
  };
  const chances = new Map<string, Random>();
  const chance = (attemptId: string): number => {
    const number = Number(attemptId.slice(attemptId.lastIndexOf('.') + 1));
    const phone = record.find((one) => one.kind === 'place' && one.attemptId === attemptId);
    const key = `${phone?.kind === 'place' ? phone.phoneNumber : ''}.${number}`;
    const random = chances.get(key) ?? seeded(seed * 7_919 + Number(key.replace(/\D/g, '').slice(-8)));
    chances.set(key, random);
    return isFaulty ? random.next() : 1;
  };
  const last = new Map<string, Promise<void>>();
  /** In order, as far as the attempt has no bad luck. */
  const report = (attemptId: string, ...one: Report): void => {
    const luck = chance(attemptId);
    if (luck < 0.04) return; // lost
    if (luck < 0.1) {
      after(LATE_MS, () => void insist(attemptId, one)); // late, and out of order
      return;
    }
    const sent = (last.get(attemptId) ?? Promise.resolve()).then(async () => {
      await insist(attemptId, one);
      if (luck < 0.2) await insist(attemptId, one);
    });
    last.set(attemptId, sent);
  };

  const over = (call: Call, how: string): void => {
    call.cancel();
    calls.delete(call.attemptId);
    gone.set(call.attemptId, { status: 409, reason: 'ENDED' });
    record.push({ kind: 'over', at: clock.now(), attemptId: call.attemptId, how });
  };
  const connect = (call: Call, agent: Agent): void => {
    call.cancel();
    call.phase = 'TALKING';
    agent.state = 'BUSY';
    void sayAgents(); // before that: one on its way may still call him ready
    report(call.attemptId, 'connected', { agentId: agent.id });
    call.cancel = after(call.customer.handlingMs, () => {
      over(call, 'talked');
      report(call.attemptId, 'ended', { by: 'AGENT' });
      agent.state = agent.leaves ? 'OUT' : 'READY';
      void (last.get(call.attemptId) ?? Promise.resolve()).then(() => free(agent));
    });
  };
  const free = (agent: Agent): void => {
    if (agent.state === 'READY')
      for (const call of calls.values()) {
        if (call.phase !== 'WAITING' || !agent.queues.includes(call.queue)) continue;
        connect(call, agent);
        break;
      }
    void sayAgents();
  };
  const rung = (call: Call): void => {
    const { customer, attemptId } = call;
    const nth = dialed.get(customer.phoneNumber) ?? 0;
    dialed.set(customer.phoneNumber, nth + 1);
    const miss = customer.misses[nth];
    if (miss !== undefined) {
      over(call, miss);
      report(attemptId, 'outcome', { outcome: miss });
      return;
    }
    if (chance(attemptId) > 0.15) report(attemptId, 'outcome', { outcome: 'ANSWERED' }); // else what comes next is early
    const agent = agents.find(({ state, queues }) => state === 'READY' && queues.includes(call.queue));
    if (agent !== undefined) {
      connect(call, agent);
      return;
    }
    call.phase = 'WAITING';
    call.cancel = after(customer.patienceMs, () => {
      over(call, 'hung up');
      report(attemptId, 'ended', { by: 'CUSTOMER' });
    });
  };

  const place = (message: Extract<ConnectorMessage, { type: 'attempt.place' }>): Reply => {
    const { attemptId, callbackId, phoneNumber, queue } = message;
    const [now, placeBy, customer] = [clock.now(), Date.parse(message.placeBy), customers.get(phoneNumber)];
    const refusal = now > placeBy ? 'PLACE_BY_PASSED' : gone.has(attemptId) ? 'WITHDRAWN' : customer === undefined ? 'NOBODY' : undefined;
    record.push({ kind: 'place', at: now, attemptId, callbackId, placeBy, rings: refusal === undefined, phoneNumber });
    if (refusal !== undefined || customer === undefined) return { status: 409, reason: refusal ?? 'NOBODY' };
    const luck = chance(attemptId);
    if (luck < 0.03) {
      record.push({ kind: 'over', at: now, attemptId, how: 'never dialed' });
      return { status: 500 };
    }
    const call: Call = { attemptId, queue, customer, phase: 'RINGING', cancel: () => {} };
    call.cancel = after(customer.ringMs, () => rung(call));
    calls.set(attemptId, call);
    return luck < 0.08 ? 'lost' : { status: 202 };
  };
  const withdraw = (attemptId: string): Reply => {
    record.push({ kind: 'withdraw', at: clock.now(), attemptId });
    const call = calls.get(attemptId);
    if (call === undefined) {
      const how = gone.get(attemptId) ?? { status: 404 };
      if (!gone.has(attemptId)) gone.set(attemptId, how);
      return how;
    }
    if (call.phase === 'TALKING') return { status: 409, reason: 'CONNECTED' };
    over(call, 'withdrawn');
    report(attemptId, 'withdrawn', {});
    return { status: 202 };
  };
  const receive = async (request: IncomingMessage): Promise<Reply> => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (!webhookSignature(secret, HOUR_MS).verify(request.headers, text, clock.now())) {
      record.push({ kind: 'unreadable', at: clock.now() });
      return { status: 401 };
    }
    const message = connectorMessage.parse(JSON.parse(text));
    return message.type === 'attempt.place' ? place(message) : withdraw(message.attemptId);
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

  return {
    ...{ url: `http://127.0.0.1:${port}`, record, said, faults, listen, hangUp, begin: beat },
    /** The first `count` agents go as soon as they talk to nobody. */
    logOut: (count: number): void => {
      for (const agent of agents.slice(0, count)) {
        agent.leaves = true;
        if (agent.state === 'READY') agent.state = 'OUT';
      }
      void sayAgents();
    },
    logIn: (): void => {
      for (const agent of agents) {
        agent.leaves = false;
        if (agent.state !== 'OUT') continue;
        agent.state = 'READY';
        free(agent);
      }
    },
    close: async (): Promise<void> => {
      closed = true;
      for (const stop of [...pending]) stop();
      await hangUp();
    },
  };
};
export type Center = Awaited<ReturnType<typeof startCenter>>;
