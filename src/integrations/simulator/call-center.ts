import { type Clock, iso } from '../../clock.ts';
import type { AttemptPlacement } from '../connector/messages.ts';
import { type Agent, type AgentSettings, type AgentState, agentAt, inState, nextReady, serves } from './agents.ts';
import { attemptMemory } from './attempt-memory.ts';
import type { Behaviour } from './behaviour.ts';
import { type Reaction, reactionOf } from './customer.ts';
import { nextShiftChange, onShift } from './shifts.ts';

/** What the contact center tells the service about an attempt: the last part of the path, and the body (7.4). */
export type AttemptReport =
  | { readonly path: 'outcome'; readonly body: { readonly outcome: Reaction['outcome']; readonly at: string } }
  | { readonly path: 'connected'; readonly body: { readonly agentId: string; readonly at: string } }
  | { readonly path: 'ended'; readonly body: { readonly by: 'AGENT' | 'CUSTOMER'; readonly at: string } }
  | { readonly path: 'withdrawn'; readonly body: { readonly at: string } };

export type PlaceAnswer = 'PLACED' | 'REPEATED' | 'PLACE_BY_PASSED' | 'WITHDRAWN' | 'BAD_ATTEMPT_ID' | 'NO_LINE';
export type WithdrawAnswer = 'WITHDRAWN' | 'ENDED' | 'CONNECTED';

type Call = {
  readonly attemptId: string;
  readonly queue: string;
  readonly reaction: Reaction;
  phase: 'RINGING' | 'WAITING' | 'TALKING';
  cancel: () => void;
};

const MOST_CALLS = 10_000;

/**
 * The telephony and the agents of the simulated contact center, without any network. Each agent's change is told by `changed`, each
 * fact about an attempt by `report`, at the instant it happens on `clock`. `speed` divides ring, handling and wrap-up times; shifts
 * and a customer's patience run by the clock. An attempt's number is what its id ends in (`.1`, `.2`, …).
 */
export const callCenter = (options: {
  readonly clock: Clock;
  readonly seed: number;
  readonly speed: number;
  readonly zone: string;
  readonly agents: readonly AgentSettings[];
  readonly behaviour: Behaviour;
  readonly report: (attemptId: string, report: AttemptReport) => void;
  readonly changed: (agentId: string) => void;
}) => {
  const { clock, seed, speed, zone, behaviour, report, changed } = options;
  const working = (agent: AgentSettings) => onShift(agent.shifts ?? [], clock.now(), zone);
  const agents = new Map<string, Agent>(options.agents.map((a) => [a.id, agentAt(a, working(a) ? 'READY' : 'OUT', clock.now())]));
  const calls = new Map<string, Call>();
  const waiting = new Set<Call>();
  const over = attemptMemory();
  const pending = new Set<() => void>();

  const after = (ms: number, then: () => void): (() => void) => {
    const stop = () => {
      cancelTimer();
      pending.delete(stop);
    };
    const cancelTimer = clock.at(clock.now() + ms, () => {
      pending.delete(stop);
      then();
    });
    pending.add(stop);
    return stop;
  };

  const become = (id: string, state: AgentState): Agent | undefined => {
    const agent = agents.get(id);
    if (agent === undefined || agent.state === state) return agent;
    const next = inState(agent, state, clock.now());
    agents.set(id, next);
    changed(id);
    return next;
  };

  const close = (call: Call, how: 'ENDED' | 'WITHDRAWN') => {
    call.cancel();
    calls.delete(call.attemptId);
    waiting.delete(call);
    over.remember(call.attemptId, how, clock.now());
  };

  const makeFree = (id: string) => {
    const agent = agents.get(id);
    if (agent === undefined) return;
    if (!working(agent)) return void become(id, 'OUT');
    become(id, 'READY');
    for (const call of waiting) if (serves(agent, call.queue)) return connect(call, id);
  };

  const connect = (call: Call, agentId: string) => {
    call.cancel();
    waiting.delete(call);
    call.phase = 'TALKING';
    become(agentId, 'BUSY');
    report(call.attemptId, { path: 'connected', body: { agentId, at: iso(clock.now()) } });
    call.cancel = after(call.reaction.handlingMs / speed, () => {
      close(call, 'ENDED');
      report(call.attemptId, { path: 'ended', body: { by: call.reaction.endedBy, at: iso(clock.now()) } });
      become(agentId, 'AWAY');
      after(call.reaction.wrapUpMs / speed, () => makeFree(agentId));
    });
  };

  const rung = (call: Call) => {
    const { outcome, patienceMs } = call.reaction;
    report(call.attemptId, { path: 'outcome', body: { outcome, at: iso(clock.now()) } });
    if (outcome !== 'ANSWERED') return close(call, 'ENDED');
    const agent = nextReady(agents.values(), call.queue);
    if (agent !== undefined) return connect(call, agent.id);
    call.phase = 'WAITING';
    waiting.add(call);
    call.cancel = after(patienceMs, () => {
      close(call, 'ENDED');
      report(call.attemptId, { path: 'ended', body: { by: 'CUSTOMER', at: iso(clock.now()) } });
    });
  };

  const place = ({
    attemptId,
    placeBy,
    queue,
    phoneNumber,
  }: Pick<AttemptPlacement, 'attemptId' | 'placeBy' | 'queue' | 'phoneNumber'>): PlaceAnswer => {
    const past = over.of(attemptId);
    if (past === 'WITHDRAWN') return 'WITHDRAWN';
    if (past === 'ENDED' || calls.has(attemptId)) return 'REPEATED';
    const attempt = Number(/\.([1-9]\d{0,5})$/.exec(attemptId)?.[1]);
    if (Number.isNaN(attempt)) return 'BAD_ATTEMPT_ID';
    if (clock.now() > Date.parse(placeBy)) return 'PLACE_BY_PASSED';
    if (calls.size >= MOST_CALLS) return 'NO_LINE';
    const reaction = reactionOf(behaviour, seed, phoneNumber, attempt);
    const call: Call = { attemptId, queue, reaction, phase: 'RINGING', cancel: () => undefined };
    calls.set(attemptId, call);
    call.cancel = after(reaction.ringMs / speed, () => rung(call));
    return 'PLACED';
  };

  const withdraw = (attemptId: string): WithdrawAnswer => {
    const call = calls.get(attemptId);
    if (call?.phase === 'TALKING') return 'CONNECTED';
    if (over.of(attemptId) === 'ENDED') return 'ENDED';
    if (call === undefined) over.remember(attemptId, 'WITHDRAWN', clock.now());
    else close(call, 'WITHDRAWN');
    report(attemptId, { path: 'withdrawn', body: { at: iso(clock.now()) } });
    return 'WITHDRAWN';
  };

  const watchShifts = () => {
    const edges = [...agents.values()].map((a) => nextShiftChange(a.shifts ?? [], clock.now(), zone)).filter((edge) => edge !== undefined);
    if (edges.length === 0) return;
    after(Math.min(...edges) - clock.now(), () => {
      for (const { id, state } of [...agents.values()]) if (state === 'READY' || state === 'OUT') makeFree(id);
      watchShifts();
    });
  };
  watchShifts();

  return {
    place,
    withdraw,
    agents: (): readonly Agent[] => [...agents.values()],
    callsInProgress: (): number => calls.size,
    close: () => {
      for (const stop of [...pending]) stop();
    },
  };
};
