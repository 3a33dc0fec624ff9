import { callbackKind } from '../commands/streams.ts';
import { callbackStream, isCallbackStream } from '../domain/callback/events.ts';
import type { EventStore } from '../eventstore/event-store.ts';

/** `npm run replay`: the history of a stream; of a callback with an instant (epoch ms), the state that it gives up to then. */
export type ReplayCommand = { readonly command: 'replay'; readonly streamId: string; readonly asOf: number | null };

/** Reads a replay's arguments; undefined when they don't make one. */
export const replayOf = (values: { stream?: string; callback?: string; 'as-of'?: string }): ReplayCommand | undefined => {
  const { stream, callback, 'as-of': instant } = values;
  const streamId = stream ?? (callback === undefined ? undefined : callbackStream(callback));
  const asOf = instant === undefined ? null : Date.parse(instant);
  return streamId === undefined || Number.isNaN(asOf) ? undefined : { command: 'replay', streamId, asOf };
};

/** Tells one event after another, and for a callback as of an instant only the state they give. Personal fields read as null. */
export const replay = async (store: EventStore, { streamId, asOf }: ReplayCommand, tell: (line: unknown) => void): Promise<void> => {
  const { decider, isOwn } = callbackKind;
  const wantsState = asOf !== null && isCallbackStream(streamId);
  let state = decider.initial;
  let events = 0;
  for await (const event of store.readStream(streamId)) {
    const { data, type, revision, position, id, metadata } = event;
    if (asOf !== null && Date.parse(data.at) > asOf) break;
    events++;
    if (isOwn(event)) state = decider.evolve(state, event);
    if (!wantsState) tell({ position: String(position), revision: String(revision), id, type, metadata, data });
  }
  if (events === 0 && (await store.lastOf(streamId)) === undefined) throw new Error(`There is no stream ${streamId}.`);
  if (wantsState) tell({ asOf: new Date(asOf).toISOString(), events, state });
};
