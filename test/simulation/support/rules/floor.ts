import { z } from 'zod';
import { callbackIdOf } from '../../../../src/domain/callback/events.ts';
import type { Fact } from '../../../crash/support/facts.ts';

export type Ageing = { readonly initial: number; readonly increment: number; readonly everySeconds: number; readonly limit: number };
export type Waiting = { readonly id: string; readonly queue: string; readonly enteredAt: number };
/**
 * What the log says of dispatch, folded apart from the product: who waits, which attempts are in flight (by their callback), and the settings
 * that matter. Instants are epoch ms.
 */
export type Floor = {
  readonly waiting: Map<string, Waiting>;
  readonly flying: Map<string, { readonly queue: string; readonly attemptId: string }>;
  readonly pacing: Map<string, number>;
  readonly ageing: Map<string, Ageing>;
  readonly stopped: Set<string>;
};

const DEFAULT_AGEING: Ageing = { initial: 0, increment: 0, everySeconds: 60, limit: 1_000 };
const ageing = z.object({ initial: z.number(), increment: z.number(), everySeconds: z.number(), limit: z.number() });
const columns = z.object({ pacing: z.number().nullish(), priority: ageing.nullish() });
const named = z.object({ queue: z.string() });
const of = z.object({ queue: z.string(), attemptId: z.string(), callbackId: z.string().optional() });
const changed = z.object({ queue: z.string(), changes: z.record(z.string(), z.object({ after: z.unknown() })) });
const created = z.object({ queue: z.string(), settings: z.record(z.string(), z.unknown()) });

/** Epoch ms; 0 of a fact that names no instant. */
export const instantOf = ({ data }: Fact): number => (typeof data.at === 'string' ? Date.parse(data.at) : 0);
export const pacingOf = ({ pacing }: Floor, queue: string): number => pacing.get(queue) ?? 1;
/** The attempts in flight of a queue. */
export const flyingOf = ({ flying }: Floor, queue: string): number => [...flying.values()].filter((one) => one.queue === queue).length;

/** Initial plus increment every N seconds waiting, up to the limit (7.3); nobody is booked with a priority of his own. */
export const priorityOf = (floor: Floor, { queue, enteredAt }: Waiting, at: number): number => {
  const { initial, increment, everySeconds, limit } = floor.ageing.get(queue) ?? DEFAULT_AGEING;
  return Math.max(initial, Math.min(limit, initial + increment * Math.floor(Math.max(0, at - enteredAt) / (everySeconds * 1_000))));
};

export const emptyFloor = (): Floor & { readonly take: (fact: Fact) => void } => {
  const floor: Floor = { waiting: new Map(), flying: new Map(), pacing: new Map(), ageing: new Map(), stopped: new Set() };
  const { waiting, flying, pacing, stopped } = floor;
  /** Everybody who was booked and isn't over keeps his place, in line or not. */
  const places = new Map<string, Waiting>();
  const set = (queue: string, values: unknown): void => {
    const row = columns.parse(values);
    if ('pacing' in row) pacing.set(queue, row.pacing ?? 1);
    if ('priority' in row) floor.ageing.set(queue, row.priority ?? DEFAULT_AGEING);
  };
  const backInLine = (id: string): void => {
    const place = places.get(id);
    flying.delete(id);
    if (place !== undefined) waiting.set(id, place);
  };

  const take = (fact: Fact): void => {
    const { type, data, streamId } = fact;
    const id = callbackIdOf(streamId);
    switch (type) {
      case 'QueueCreated':
        set(created.parse(data).queue, created.parse(data).settings);
        break;
      case 'QueueSettingsChanged': {
        const { queue, changes } = changed.parse(data);
        set(queue, Object.fromEntries(Object.entries(changes).map(([name, { after }]) => [name, after])));
        break;
      }
      case 'DialingStopped':
        stopped.add(String(data.queue));
        break;
      case 'DialingResumed':
        stopped.delete(String(data.queue));
        break;
      case 'CallbackQueued':
        places.set(id, { id, queue: named.parse(data).queue, enteredAt: instantOf(fact) });
        backInLine(id);
        break;
      case 'AttemptDecided': {
        const { queue, attemptId, callbackId = '' } = of.parse(data);
        if (waiting.delete(callbackId)) flying.set(callbackId, { queue, attemptId }); // else it is over: nothing comes of it
        break;
      }
      case 'AttemptVoided': {
        const { attemptId, callbackId = '' } = of.parse(data);
        if (flying.get(callbackId)?.attemptId === attemptId) backInLine(callbackId);
        break;
      }
      case 'CallbackAttemptWithdrawn':
        if (flying.get(id)?.attemptId === data.attemptId) backInLine(id);
        break;
      case 'CallbackRequeued':
        backInLine(id);
        break;
      case 'CallbackAttemptFailed':
      case 'CallbackConnected':
      case 'CallbackDeferred':
        flying.delete(id);
        break;
      case 'CallbackCompleted':
      case 'CallbackCancelled':
        for (const map of [flying, waiting, places]) map.delete(id);
        break;
    }
  };
  return { ...floor, take };
};
