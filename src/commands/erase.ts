import { iso } from '../clock.ts';
import type { Reads } from '../domain/access/reads.ts';
import type { CallbackRefusal } from '../domain/callback/commands.ts';
import { callbackStream } from '../domain/callback/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { CommandDeps } from './deps.ts';
import { handle } from './handle.ts';
import { callbackKindFor } from './streams.ts';

/** `erased`: by this call, and not before. `position` is that of the callback's last event. */
export type Erased =
  | { readonly ok: true; readonly erased: boolean; readonly position: bigint | undefined }
  | { readonly ok: false; readonly refusal: CallbackRefusal };

/**
 * Erases the personal data of one callback, which is completed first while it is open (1.13). The fact makes it unreadable here at once;
 * its key, its place and a ringing attempt are seen to by processes. `reads`: the queues of the one who asks.
 */
export const eraseCallback = async (
  { store, clock }: Pick<CommandDeps, 'store' | 'clock'>,
  id: string,
  context: CommandContext,
  reads: Reads = 'all',
): Promise<Erased> => {
  const command = { type: 'ErasePersonalData', now: iso(clock.now()) } as const;
  const handled = await handle(store, callbackKindFor(reads), callbackStream(id), command, context);
  if (!handled.ok) return { ok: false, refusal: handled.refusal };
  return { ok: true, erased: handled.events.length > 0, position: handled.position };
};
