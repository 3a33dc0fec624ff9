import { mayRead, type Reads } from '../domain/access/reads.ts';
import { callbackStream } from '../domain/callback/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import { type Admission, admit } from './admit.ts';
import { type Booked, type BookingRequest, bookCallback, identify } from './book.ts';
import type { CommandDeps } from './deps.ts';
import { fold } from './handle.ts';
import { callbackKind } from './streams.ts';

/** How a row stands before it is imported: taken over before, alike or with other content; to be booked; or not fit to be. No id of a callback that doesn’t exist for the one who asks (8.2). */
export type Standing =
  | { readonly is: 'ALREADY'; readonly id: string }
  | { readonly is: 'DIFFERS'; readonly id: string | null }
  | { readonly is: 'NEW' }
  | { readonly is: 'UNFIT'; readonly refusal: Extract<Admission, { ok: false }>['refusal'] };

/** What a row is by the bookings that there are and what bookings are held to (1.15); nothing is recorded. `reads`: the queues of the one who asks. */
export const standingOf = async (
  deps: CommandDeps,
  request: BookingRequest,
  actor: CommandContext['actor'],
  reads: Reads,
): Promise<Standing> => {
  if (!mayRead(reads, request.queue)) return { is: 'UNFIT', refusal: { code: 'UNKNOWN_QUEUE' } };
  const { id, bodyHash } = identify(deps, request.idempotency);
  const { state } = await fold(deps.store, callbackKind, callbackStream(id));
  if (state.state !== 'NONE')
    return state.bodyHash === bodyHash ? { is: 'ALREADY', id } : { is: 'DIFFERS', id: mayRead(reads, state.queue) ? id : null };
  const admitted = admit(deps, request, actor, deps.clock.now());
  return admitted.ok ? { is: 'NEW' } : { is: 'UNFIT', refusal: admitted.refusal };
};

/** What came of a row. `error` is what was thrown: whether it was booked isn’t known then. */
export type Imported =
  | { readonly is: 'BOOKED' | 'ALREADY'; readonly id: string; readonly position: bigint | undefined }
  | { readonly is: 'DIFFERS'; readonly id: null }
  | { readonly is: 'REFUSED'; readonly refusal: Extract<Booked, { ok: false }>['refusal'] }
  | { readonly is: 'FAILED'; readonly error: unknown };

/** Books a row that stands to be; the same row again finds what the first made. */
export const importCallback = async (deps: CommandDeps, request: BookingRequest, context: CommandContext): Promise<Imported> => {
  try {
    const booked = await bookCallback(deps, request, context);
    if (booked.ok) return { is: booked.repeats === true ? 'ALREADY' : 'BOOKED', id: booked.id, position: booked.position };
    if (booked.refusal.code === 'IDEMPOTENCY_KEY_REUSED') return { is: 'DIFFERS', id: null };
    return { is: 'REFUSED', refusal: booked.refusal };
  } catch (error) {
    return { is: 'FAILED', error };
  }
};
