import { z } from 'zod';
import { callbackKind } from '../commands/streams.ts';
import { callbackStream, isCallbackStream } from '../domain/callback/events.ts';
import type { Tell } from '../embedded/control-socket.ts';
import type { EventStore } from '../eventstore/event-store.ts';

/** `npm run replay`: the history of a stream; of a callback with an instant (epoch ms), the state that it gives up to then. */
export const replayTask = z.object({ command: z.literal('replay'), streamId: z.string().min(1), asOf: z.number().nullable() });
export type ReplayTask = z.output<typeof replayTask>;

const instant = z.iso.datetime({ offset: true });

/** Reads a replay's arguments; undefined when they don't make one. */
export const replayOf = (values: { stream?: string; callback?: string; 'as-of'?: string }): ReplayTask | undefined => {
  const { stream, callback, 'as-of': asOf } = values;
  if ((stream === undefined) === (callback === undefined) || stream === '' || callback === '') return undefined;
  if (asOf !== undefined && !instant.safeParse(asOf).success) return undefined;
  return {
    command: 'replay',
    streamId: stream ?? callbackStream(callback ?? ''),
    asOf: asOf === undefined ? null : Date.parse(asOf),
  };
};

/**
 * Tells one event after another, and for a callback as of an instant only the state they give. Personal fields read as null.
 * Rejects once `signal` aborts.
 */
export const replay = async (
  store: Pick<EventStore, 'readStream' | 'lastOf'>,
  { streamId, asOf }: ReplayTask,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> => {
  const { decider, isOwn } = callbackKind;
  const wantsState = asOf !== null && isCallbackStream(streamId);
  let state = decider.initial;
  let events = 0;
  for await (const event of store.readStream(streamId)) {
    if (signal.aborted) throw new Error('The replay was cut off, for the service is stopping.');
    const { data, type, revision, position, id, metadata } = event;
    if (asOf !== null && Date.parse(data.at) > asOf) break;
    events++;
    if (isOwn(event)) state = decider.evolve(state, event);
    if (!wantsState) await tell({ position: String(position), revision: String(revision), id, type, metadata, data });
  }
  if (events === 0 && (await store.lastOf(streamId)) === undefined) throw new Error(`There is no stream ${streamId}.`);
  if (wantsState) await tell({ asOf: new Date(asOf).toISOString(), events, state });
};
