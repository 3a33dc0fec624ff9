import { iso } from '../../../../src/clock.ts';
import type { Fact } from '../../../crash/support/facts.ts';
import { emptyFloor, type Floor, flyingOf, instantOf, pacingOf } from './floor.ts';
import { type AboutAgents, knownAgents, SILENCE_MS } from './known-agents.ts';
import { mostServed, type Serving } from './matching.ts';

/** How long a suitable ready agent may idle while an eligible callback waits. */
export const MOST_IDLE_MS = 1_000;

/** When nothing can be placed (epoch ms). */
export type Period = { readonly from: number; readonly until: number };

/** Somebody who waits and could have an agent beside all attempts in flight. */
export const couldBeCalled = (floor: Floor, agents: readonly Serving[], queue: string): boolean => {
  const ready = agents.filter(({ queues }) => queues.includes(queue)).length;
  if (floor.stopped.has(queue) || flyingOf(floor, queue) >= Math.ceil(ready * pacingOf(floor, queue))) return false;
  const attempts = [...floor.flying.values()].map((one) => one.queue);
  return mostServed(agents, [...attempts, queue]) > mostServed(agents, attempts);
};

/**
 * What a run has against dispatch being work-conserving, a sentence a fault: for longer than a second an agent who was surely ready had nobody
 * in flight, while somebody waited whom he could take. Looked at after all that an instant brought; `unreachable` periods don't count.
 */
export const idleFaults = (about: AboutAgents, unreachable: readonly Period[]): readonly string[] => {
  const { facts, said, up } = about;
  const agentsAt = knownAgents(about);
  const floor = emptyFloor();
  const at = new Map<number, Fact[]>();
  const look = (instant: number) => {
    if (Number.isFinite(instant) && !at.has(instant)) at.set(instant, []);
  };
  let last = 0;
  for (const fact of facts) {
    last = Math.max(last, instantOf(fact)); // in the order of the log, where instants may be a little out of it
    look(last);
    at.get(last)?.push(fact);
  }
  for (const { sentAt, answeredAt } of said) for (const instant of [sentAt, answeredAt, answeredAt + SILENCE_MS]) look(instant);
  for (const { from, until } of [...up, ...unreachable]) for (const instant of [from, until]) look(instant);

  const faults: string[] = [];
  let since: number | undefined;
  let isTold = false;
  let who = '';
  for (const instant of [...at.keys()].sort((a, b) => a - b)) {
    if (since !== undefined && instant - since > MOST_IDLE_MS && !isTold) {
      faults.push(`from ${iso(since)} to ${iso(instant)} or later ${who}`);
      isTold = true;
    }
    for (const fact of at.get(instant) ?? []) floor.take(fact);
    const isOut = unreachable.some(({ from, until }) => from <= instant && instant < until);
    const agents = isOut ? undefined : agentsAt(instant);
    const left = agents && [...floor.waiting.values()].find(({ queue }) => couldBeCalled(floor, agents, queue));
    if (left === undefined) {
      since = undefined;
      isTold = false;
    } else {
      since ??= instant;
      who = `${left.id} of ${left.queue} waited, ready were ${agents?.map(({ id }) => id).join()}, in flight ${floor.flying.size}`;
    }
  }
  return faults;
};
