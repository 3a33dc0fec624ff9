import type { CallbackCommand, CallbackRefusal } from '../domain/callback/commands.ts';
import { type CallbackEvent, callbackStream, parseAttemptId } from '../domain/callback/events.ts';
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
export const reportAttempt = async (store: EventStore, command: AttemptCommand, context: CommandContext): Promise<Reported> => {
  const named = parseAttemptId(command.attemptId);
  if (named === undefined) return { ok: false, refusal: { code: 'UNKNOWN_ATTEMPT' } };
  const handled = await handle(store, callbackKind, callbackStream(named.callbackId), command, context);
  if (handled.ok) return { ok: true, events: handled.events, position: handled.position };
  return { ok: false, refusal: handled.refusal.code === 'UNKNOWN_CALLBACK' ? { code: 'UNKNOWN_ATTEMPT' } : handled.refusal };
};
