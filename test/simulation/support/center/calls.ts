import type { Clock } from '../../../../src/clock.ts';
import type { ConnectorMessage } from '../../../../src/integrations/connector/messages.ts';
import type { Recorded } from '../../../crash/support/contact-center.ts';
import type { Customer } from '../traffic.ts';
import type { Agent, AgentsDesk } from './agents.ts';
import type { Later } from './later.ts';
import type { AttemptReports } from './reports.ts';

/** How a message is answered; 'lost': the connection breaks off instead. */
export type Reply = { readonly status: number; readonly reason?: string } | 'lost';
type Call = {
  readonly attemptId: string;
  readonly queue: string;
  readonly customer: Customer;
  phase: 'RINGING' | 'WAITING' | 'TALKING';
  cancel: () => void;
};

/** The calls of a contact center: what it is asked to do with attempts, what comes of them, and a record of both. */
export const callsFloor = (options: {
  readonly clock: Clock;
  readonly later: Later;
  readonly customers: ReadonlyMap<string, Customer>;
  readonly desk: AgentsDesk;
  readonly reports: AttemptReports;
}) => {
  const { clock, later, customers, desk, reports } = options;
  const record: Recorded[] = [];
  const calls = new Map<string, Call>();
  const gone = new Map<string, Reply>();
  const dialed = new Map<string, number>();

  const over = (call: Call, how: string): void => {
    call.cancel();
    calls.delete(call.attemptId);
    gone.set(call.attemptId, { status: 409, reason: 'ENDED' });
    record.push({ kind: 'over', at: clock.now(), attemptId: call.attemptId, how });
  };
  const connect = (call: Call, agent: Agent): void => {
    const { attemptId, customer } = call;
    call.cancel();
    call.phase = 'TALKING';
    agent.state = 'BUSY';
    void desk.say(); // before that: one on its way may still call him ready
    reports.report(attemptId, customer.phoneNumber, 'connected', { agentId: agent.id });
    call.cancel = later.after(customer.handlingMs, () => {
      over(call, 'talked');
      reports.report(attemptId, customer.phoneNumber, 'ended', { by: 'AGENT' });
      agent.state = agent.leaves ? 'OUT' : 'READY';
      void reports.told(attemptId).then(() => takeNext(agent));
    });
  };
  /** An agent who came or became free: somebody may hold the line for him. */
  const takeNext = (agent: Agent): void => {
    if (agent.state === 'READY')
      for (const call of calls.values()) {
        if (call.phase !== 'WAITING' || !agent.queues.includes(call.queue)) continue;
        connect(call, agent);
        break;
      }
    void desk.say();
  };
  const rung = (call: Call): void => {
    const { customer, attemptId } = call;
    const { phoneNumber } = customer;
    const nth = dialed.get(phoneNumber) ?? 0;
    dialed.set(phoneNumber, nth + 1);
    const miss = customer.misses[nth];
    if (miss !== undefined) {
      over(call, miss);
      reports.report(attemptId, phoneNumber, 'outcome', { outcome: miss });
      return;
    }
    if (reports.chance(attemptId, phoneNumber) > 0.15) reports.report(attemptId, phoneNumber, 'outcome', { outcome: 'ANSWERED' }); // else what comes next is early
    const agent = desk.readyFor(call.queue);
    if (agent !== undefined) {
      connect(call, agent);
      return;
    }
    call.phase = 'WAITING';
    call.cancel = later.after(customer.patienceMs, () => {
      over(call, 'hung up');
      reports.report(attemptId, phoneNumber, 'ended', { by: 'CUSTOMER' });
    });
  };

  return {
    ...{ record, takeNext },
    place: (message: Extract<ConnectorMessage, { type: 'attempt.place' }>): Reply => {
      const { attemptId, callbackId, phoneNumber, queue } = message;
      const [now, placeBy, customer] = [clock.now(), Date.parse(message.placeBy), customers.get(phoneNumber)];
      const refusal = now > placeBy ? 'PLACE_BY_PASSED' : gone.has(attemptId) ? 'WITHDRAWN' : customer === undefined ? 'NOBODY' : undefined;
      record.push({ kind: 'place', at: now, attemptId, callbackId, placeBy, rings: refusal === undefined, phoneNumber });
      if (refusal !== undefined || customer === undefined) return { status: 409, reason: refusal ?? 'NOBODY' };
      const luck = reports.chance(attemptId, phoneNumber);
      if (luck < 0.03) {
        record.push({ kind: 'over', at: now, attemptId, how: 'never dialed' });
        return { status: 500 };
      }
      const call: Call = { attemptId, queue, customer, phase: 'RINGING', cancel: () => {} };
      call.cancel = later.after(customer.ringMs, () => rung(call));
      calls.set(attemptId, call);
      return luck < 0.08 ? 'lost' : { status: 202 };
    },
    withdraw: (attemptId: string): Reply => {
      record.push({ kind: 'withdraw', at: clock.now(), attemptId });
      const call = calls.get(attemptId);
      if (call === undefined) {
        const how = gone.get(attemptId) ?? { status: 404 };
        if (!gone.has(attemptId)) gone.set(attemptId, how);
        return how;
      }
      if (call.phase === 'TALKING') return { status: 409, reason: 'CONNECTED' };
      over(call, 'withdrawn');
      reports.report(attemptId, call.customer.phoneNumber, 'withdrawn', {});
      return { status: 202 };
    },
    unreadable: (): void => void record.push({ kind: 'unreadable', at: clock.now() }),
  };
};
export type CallsFloor = ReturnType<typeof callsFloor>;
