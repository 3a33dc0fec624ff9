import type { CallbackCommand, CallbackRefusal } from '../domain/callback/commands.ts';
import { type CallbackEvent, callbackStream, type FailingOutcome, parseAttemptId } from '../domain/callback/events.ts';
import type { CallbackState } from '../domain/callback/state.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { handle } from './handle.ts';
import { callbackKind } from './streams.ts';

/** Commands about an attempt, which name their callback by the attempt's id. */
export type AttemptCommand = Extract<CallbackCommand, { attemptId: string }>;
export type Reported =
  | { readonly ok: true; readonly events: readonly CallbackEvent[]; readonly position: bigint | undefined }
  | { readonly ok: false; readonly refusal: CallbackRefusal };

/** Carries out a command about an attempt on its callback (7.4); an id that names no callback is an unknown attempt. */
export const reportAttempt = (store: EventStore, command: AttemptCommand, context: CommandContext): Promise<Reported> =>
  onAttempt(store, command.attemptId, command, context);

/** A failing outcome as the contact center reports it. `maxDialAttempts` is asked with the callback's queue. */
export const reportFailure = (
  store: EventStore,
  { attemptId, outcome, reportedAt, now }: { attemptId: string; outcome: FailingOutcome; reportedAt: string | null; now: string },
  maxDialAttempts: (queue: string) => number,
  context: CommandContext,
): Promise<Reported> => {
  const failure = { type: 'FailAttempt', attemptId, outcome, cause: null, settled: true, counted: true, reportedAt, now } as const;
  const command = (state: CallbackState): AttemptCommand => ({
    ...failure,
    maxDialAttempts: state.state === 'NONE' ? 1 : maxDialAttempts(state.queue),
  });
  return onAttempt(store, attemptId, command, context);
};

const onAttempt = async (
  store: EventStore,
  attemptId: string,
  command: AttemptCommand | ((state: CallbackState) => AttemptCommand),
  context: CommandContext,
): Promise<Reported> => {
  const named = parseAttemptId(attemptId);
  if (named === undefined) return { ok: false, refusal: { code: 'UNKNOWN_ATTEMPT' } };
  const handled = await handle(store, callbackKind, callbackStream(named.callbackId), command, context);
  if (handled.ok) return { ok: true, events: handled.events, position: handled.position };
  return { ok: false, refusal: handled.refusal.code === 'UNKNOWN_CALLBACK' ? { code: 'UNKNOWN_ATTEMPT' } : handled.refusal };
};
