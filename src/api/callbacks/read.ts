import { callbackKind } from '../../commands/streams.ts';
import { mayRead, type Reads } from '../../domain/access/reads.ts';
import { type CallbackEvent, callbackStream } from '../../domain/callback/events.ts';
import { type Callback, type CallbackState, evolve, initial } from '../../domain/callback/state.ts';
import { type Asker, type CallbackRow, type CallbackView, view } from '../../domain/callback/view.ts';
import type { Recorded } from '../../domain/kit/events.ts';
import type { EventStore } from '../../eventstore/event-store.ts';
import type { ApiDeps } from '../deps.ts';
import { Failure } from '../errors/failure.ts';
import { isCallbackId } from '../schemas/text.ts';

const LONGEST_WAIT_MS = 500;

export type CallbackDeps = Pick<ApiDeps, 'commands' | 'waiting' | 'liveWaitFor'>;
export type CallbackFact = Recorded<CallbackEvent>;

/** A callback folded from its own stream, personal data opened. */
export type ReadCallback = { readonly id: string; readonly callback: Callback };

/**
 * Whether a callback may be there for somebody: looked up first where one may be hidden (8.2), without opening anything, so that what is
 * done for one that is hidden is what is done for one that doesn't exist.
 */
export const isThere = async (store: Pick<EventStore, 'readStream'>, id: string, reads: Reads): Promise<boolean> => {
  if (!isCallbackId(id)) return false;
  if (reads === 'all') return true;
  let state: CallbackState = initial;
  for await (const event of store.readStream(callbackStream(id))) if (callbackKind.isOwn(event)) state = evolve(state, event);
  return state.state !== 'NONE' && mayRead(reads, state.queue);
};

/** Reads one callback; throws CALLBACK_NOT_FOUND for an id that names none that the one who asks may see, or one that was retired (1.13). */
export const readCallback = async (deps: CallbackDeps, id: string, reads: Reads): ReturnType<typeof readHistory> => {
  const read = await readHistory(deps, id, reads);
  if (read.callback.retired) throw new Failure('CALLBACK_NOT_FOUND');
  return read;
};

/** Reads the events of one callback, which stay for ever, and what they come to; throws CALLBACK_NOT_FOUND for an id that names none that the one who asks may see. */
export const readHistory = async (
  { commands, liveWaitFor }: CallbackDeps,
  id: string,
  reads: Reads,
): Promise<ReadCallback & { readonly events: readonly CallbackFact[] }> => {
  const events: CallbackFact[] = [];
  let state: CallbackState = initial;
  if (await isThere(commands.store, id, reads)) {
    for await (const event of commands.store.readStream(callbackStream(id), { personal: true })) {
      if (!callbackKind.isOwn(event)) continue;
      events.push(event);
      state = evolve(state, event);
    }
  }
  const last = events.at(-1);
  if (state.state === 'NONE' || last === undefined) throw new Failure('CALLBACK_NOT_FOUND');
  // The waiting lines follow the log; they may be a moment behind what the stream says.
  if (state.state === 'QUEUED') await liveWaitFor(last.position, LONGEST_WAIT_MS);
  return { id, callback: state, events };
};

/** Where a callback stands in line now. */
export const standing = ({ waiting }: Pick<ApiDeps, 'waiting'>, id: string): CallbackRow['waiting'] => ({
  position: waiting.positionOf(id),
  estimatedWaitSeconds: waiting.estimatedWaitOf(id),
});

/** One callback as the asker sees it now. */
export const showCallback = (deps: CallbackDeps, { id, callback }: ReadCallback, asker: Asker): CallbackView => {
  const { configuration, clock } = deps.commands;
  return view({ ...callback, id, waiting: standing(deps, id) }, configuration(), clock.now(), asker);
};
