import { iso } from '../clock.ts';
import { mayRead, type Reads } from '../domain/access/reads.ts';
import { type CheckRefusal, refusedByChecks } from '../domain/booking/checks.ts';
import type { CallbackRefusal } from '../domain/callback/commands.ts';
import { callbackStream } from '../domain/callback/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { CommandDeps } from './deps.ts';
import { giveBackPlace } from './give-back.ts';
import { ContendedError, fold } from './handle.ts';
import { notTaken, type OfficeClosed, type SlotFull } from './place-wish.ts';
import { callbackKind } from './streams.ts';

const ATTEMPTS = 10;

export type RescheduleRefusal = CallbackRefusal | Exclude<CheckRefusal, OfficeClosed> | { readonly code: 'DESIRED_TIME_PAST' } | SlotFull;
export type Rescheduled =
  | { readonly ok: true; readonly position: bigint | undefined }
  | { readonly ok: false; readonly refusal: RescheduleRefusal | OfficeClosed };

type Move = { readonly desiredTime: number; readonly checked: boolean; readonly reads?: Reads };

/**
 * Moves a SCHEDULED callback to `desiredTime` (epoch ms), its place with it (1.9): the new place first, then the move, then the old place back.
 * A client’s new time is held to what the queue opted in to (1.5). `checked` refuses a full slot: always for a user, when asked for a client. `reads`: the queues of the one who asks.
 */
export const rescheduleCallback = async (
  deps: CommandDeps,
  id: string,
  wish: Move,
  context: CommandContext,
  tries = ATTEMPTS,
): Promise<Rescheduled> => {
  const { store, clock, newId, places } = deps;
  const { desiredTime, checked, reads = 'all' } = wish;
  const streamId = callbackStream(id);
  const found = await fold(store, callbackKind, streamId);
  const { state, revision } = found;
  if (state.state === 'NONE' || revision === undefined || !mayRead(reads, state.queue))
    return { ok: false, refusal: { code: 'UNKNOWN_CALLBACK' } };
  if (state.state !== 'SCHEDULED') return { ok: false, refusal: { code: 'STATE_FORBIDS', state: state.state, action: 'reschedule' } };
  const now = clock.now();
  if (desiredTime <= now) return { ok: false, refusal: { code: 'DESIRED_TIME_PAST' } };
  if (state.desiredTime === iso(desiredTime)) return { ok: true, position: found.position };

  const { queue } = state;
  const wished = { kind: 'SCHEDULED', desiredTime } as const;
  const unfit = context.actor.kind === 'client' ? refusedByChecks(deps.configuration(), queue, wished, now) : undefined;
  if (unfit !== undefined) return { ok: false, refusal: unfit };
  const place = { queue, callbackId: id, holdId: newId(), instant: desiredTime, decidedAt: Number(revision), checked, now: iso(now) };
  const taken = await places(place, context);
  if (!taken.ok) return { ok: false, refusal: notTaken(taken.refusal, queue, desiredTime) };
  const { hold } = taken;
  const command = { type: 'RescheduleCallback', desiredTime: iso(desiredTime), hold, capacityChecked: checked, now: iso(now) } as const;
  const decision = callbackKind.decider.decide(command, state);
  const appended = decision.ok ? await store.append(streamId, decision.events, revision, context) : undefined;
  const giveBack = (back: typeof hold, because: 'MOVED' | 'REFUSED') =>
    giveBackPlace(store, { queue, callbackId: id, hold: back, because, now: iso(now) }, context);
  if (appended?.ok) {
    if (state.hold !== null) await giveBack(state.hold, 'MOVED').catch(() => undefined); // it is moved: a process gives the place back
    return { ok: true, position: appended.position };
  }
  await giveBack(hold, 'REFUSED');
  if (tries <= 1) throw new ContendedError(`callback: another writer came first ${ATTEMPTS} times`);
  return rescheduleCallback(deps, id, wish, context, tries - 1);
};
