import { iso } from '../clock.ts';
import type { Reads } from '../domain/access/reads.ts';
import type { CallbackRefusal } from '../domain/callback/commands.ts';
import { type CallbackEvent, callbackStream } from '../domain/callback/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import { releaseNumber } from './claim-number.ts';
import type { CommandDeps } from './deps.ts';
import { giveBackPlace } from './give-back.ts';
import { handle } from './handle.ts';
import { callbackKindFor } from './streams.ts';

export type Cancelled =
  | { readonly ok: true; readonly position: bigint | undefined }
  | { readonly ok: false; readonly refusal: CallbackRefusal };

const isCancellation = (event: CallbackEvent) => event.type === 'CallbackCancelled';

/** Cancels a callback in any state but PROCESSING and COMPLETED (1.9), and gives its place and its claim on the number back; a ringing attempt is withdrawn by a process. `reads`: the queues of the one who asks. */
export const cancelCallback = async (
  { store, clock }: Pick<CommandDeps, 'store' | 'clock'>,
  id: string,
  by: 'user' | 'client',
  context: CommandContext,
  reads: Reads = 'all',
): Promise<Cancelled> => {
  const now = iso(clock.now());
  const handled = await handle(store, callbackKindFor(reads), callbackStream(id), { type: 'CancelCallback', by, now }, context);
  if (!handled.ok) return { ok: false, refusal: handled.refusal };
  const cancelled = handled.events.find(isCancellation);
  const { claim } = handled.state.state === 'NONE' ? { claim: null } : handled.state;
  const { givesBack: hold, queue } = cancelled?.data ?? {};
  if (hold && queue !== undefined) {
    const back = giveBackPlace(store, { queue, callbackId: id, hold, because: 'CANCELLED', now }, context);
    await back.catch(() => undefined); // it is cancelled, whatever comes of this: a process gives the place back
  }
  if (cancelled && claim) {
    const release = { queue: cancelled.data.queue, callbackId: id, claim, because: 'CANCELLED', now } as const;
    await releaseNumber(store, release, context).catch(() => undefined); // likewise
  }
  return { ok: true, position: handled.position };
};
