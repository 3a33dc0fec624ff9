import type { Configuration } from '../domain/configuration/state.ts';
import { isStopped } from '../domain/configuration/stop-state.ts';
import type { AgentGroup } from '../domain/dispatch/matching.ts';
import type { Standing } from '../domain/dispatch/order.ts';
import { type Admitted, dispatchPass, type HeldBy, type Pass } from '../domain/dispatch/pass.ts';
import type { Tracked } from '../domain/dispatch/tracked.ts';
import { chooseRegion, type RegionChoice } from '../domain/rules/region-rule.ts';
import type { AgentsView } from './agents.ts';
import { eligibleAgents } from './eligible-agents.ts';
import type { FlowView, LiveCaller } from './flow.ts';
import { type OutOfHours, outOfHours } from './out-of-hours.ts';
import type { RegionsView } from './regions.ts';
import { settingsInForce } from './settings-in-force.ts';
import type { WaitingLines } from './waiting-lines.ts';

/** A callback that may be called now, and in which region (4.3); null is any. */
export type Next = Admitted<Tracked> & { readonly region: string | null };

/**
 * `competes`: live callers took part, who may fall behind as priorities age; `returnsAt`: when local hours begin of some who were left out, or
 * an agent may be free (epoch ms). Callbacks count for neither while no agent is ready.
 */
export type NextOnes = {
  readonly admitted: readonly Next[];
  readonly competes: boolean;
  readonly returnsAt: number | undefined;
};

/** Why whoever is first of those who stay in line waits. */
export type HeadWaitsFor = 'LIVE_CALLERS_FIRST' | HeldBy;

/** Who is next, by all that this node knows at `now` (epoch ms). */
export type DispatchBoard = {
  readonly next: (now: number) => NextOnes;
  readonly outlook: (queue: string, now: number) => Outlook;
};

/**
 * What a queue's line waits for: all of it; or its head, the first who could be called and isn't about to be. `calling` are the ids of those
 * who are, `outOfHours` the zones in which nobody may be called at this hour.
 */
export type Outlook =
  | { readonly all: 'STOPPED' | 'NO_REGION' }
  | {
      readonly calling: ReadonlySet<string>;
      readonly outOfHours: OutOfHours;
      readonly head?: { readonly id: string; readonly waitsFor: HeadWaitsFor };
    };

export type DispatchBoardDeps = {
  readonly configuration: () => Configuration;
  readonly lines: Pick<WaitingLines, 'waitingQueues' | 'zonesIn' | 'inOrder' | 'inFlight'>;
  readonly agents: Pick<AgentsView, 'groups' | 'unnamed' | 'mayBeFreeAt'>;
  readonly flow: Pick<FlowView, 'lines'>;
  readonly regions: Pick<RegionsView, 'healthy'>;
};

/** A live caller comes before a callback of the same priority and entry: he is on the line. */
const standings = function* (callers: readonly LiveCaller[]): Generator<Standing> {
  for (const { priority, enteredAt } of callers) yield { priority, enteredAt, id: '' };
};

/** Queues that somebody who is ready may take callbacks of. */
const servedBy = (groups: readonly AgentGroup[]): ReadonlySet<string> => new Set(groups.flatMap(({ queues }) => [...queues]));

export const dispatchBoard = ({ configuration, lines, agents, flow, regions }: DispatchBoardDeps): DispatchBoard => {
  const settings = settingsInForce(configuration);
  const groupsAt = eligibleAgents(agents, configuration);
  const barred = outOfHours(configuration);

  const regionOf = (queue: string, now: number): RegionChoice => {
    const { assigned, named } = configuration().rules;
    const name = assigned.get(queue)?.regions ?? null;
    const rule = name === null ? undefined : named.regions.get(name)?.rule;
    return chooseRegion(rule, rule === undefined ? new Set() : regions.healthy(now));
  };
  /** Attempts in flight take a ready agent each, and so do calls that somebody has of whom nobody said who he is. */
  const busyBy = (now: number): ReadonlyMap<string, number> => {
    const [inFlight, unnamed] = [lines.inFlight(), agents.unnamed(now)];
    if (unnamed.size === 0) return inFlight;
    return new Map(
      [...new Set([...inFlight.keys(), ...unnamed.keys()])].map((queue) => [queue, (inFlight.get(queue) ?? 0) + (unnamed.get(queue) ?? 0)]),
    );
  };
  const outOf = (queue: string, now: number): OutOfHours => barred(queue, lines.zonesIn(queue).keys(), now);
  /** Reads the lines that somebody who is ready serves, for no other can lose its head, and that of the queue `asked` for. */
  const pass = (
    now: number,
    callers: ReadonlyMap<string, readonly LiveCaller[]>,
    asked?: string,
  ): Pass<Tracked> & { regions: Map<string, string | null>; returnsAt: number | undefined } => {
    const groups = groupsAt(now);
    const served = servedBy(groups);
    const open = new Map<string, string | null>();
    for (const queue of lines.waitingQueues()) {
      if (!served.has(queue) && queue !== asked) continue;
      const choice = isStopped(configuration(), queue) ? undefined : regionOf(queue, now);
      if (choice !== undefined && 'region' in choice) open.set(queue, choice.region);
    }
    let returnsAt = agents.mayBeFreeAt(now);
    const waiting = [...open.keys()].map((queue) => {
      const without = outOf(queue, now);
      for (const until of without.values()) returnsAt = Math.min(until, returnsAt ?? until);
      return { queue, pacing: settings(queue).pacing, inOrder: lines.inOrder(queue, now, new Set(without.keys())) };
    });
    const live = [...callers].flatMap(([queue, some]) => (served.has(queue) ? [{ queue, inOrder: standings(some) }] : []));
    return { ...dispatchPass(groups, busyBy(now), waiting, live), regions: open, returnsAt };
  };

  return {
    next: (now) => {
      if (groupsAt(now).length === 0) return { admitted: [], competes: false, returnsAt: agents.mayBeFreeAt(now) };
      const callers = flow.lines(now);
      const { admitted, regions: chosen, returnsAt } = pass(now, callers);
      return {
        admitted: admitted.map((one) => ({ ...one, region: chosen.get(one.queue) ?? null })),
        competes: callers.size > 0,
        returnsAt,
      };
    },
    outlook: (queue, now) => {
      if (isStopped(configuration(), queue)) return { all: 'STOPPED' };
      if ('waits' in regionOf(queue, now)) return { all: 'NO_REGION' };
      const inQueue = ({ admitted }: Pass<Tracked>) => admitted.flatMap((one) => (one.queue === queue ? [one.callback.id] : []));
      const callers = flow.lines(now);
      const made = pass(now, callers, queue);
      const [calling, held] = [new Set(inQueue(made)), made.heldBack.get(queue)];
      const isOut = { outOfHours: outOf(queue, now) };
      if (held === undefined) return { calling, ...isOut };
      const isOvertaken = held.by === 'NO_AGENT' && callers.size > 0 && inQueue(pass(now, new Map(), queue)).length > calling.size;
      return { calling, ...isOut, head: { id: held.callback.id, waitsFor: isOvertaken ? 'LIVE_CALLERS_FIRST' : held.by } };
    },
  };
};
