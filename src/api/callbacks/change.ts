import type { FastifyReply, FastifyRequest } from 'fastify';
import { cancelCallback } from '../../commands/cancel.ts';
import { rescheduleCallback } from '../../commands/reschedule.ts';
import { readsBy } from '../auth/reads.ts';
import { proposer, seeFull } from '../book.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { Failure } from '../errors/failure.ts';
import { callbackFailure, rescheduleFailure } from '../errors/refusals.ts';
import { officeClosed } from '../office-closed.ts';
import { tellPosition } from '../positions.ts';
import { isCallbackId } from '../schemas/text.ts';

/** Whether the one who asks counts as a user or a client: the events say which. */
const actingAs = ({ actor }: FastifyRequest): 'user' | 'client' => (actor?.kind === 'user' ? 'user' : 'client');

const known = (id: string): string => {
  if (!isCallbackId(id)) throw new Failure('CALLBACK_NOT_FOUND');
  return id;
};

/** Cancels for whoever asks (1.9). Throws the failure that answers a refusal. */
export const cancel = async (
  { commands }: Pick<ApiDeps, 'commands'>,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  reason?: string,
): Promise<void> => {
  const context = contextOf(request, commands.newId, reason);
  const cancelled = await cancelCallback(commands, known(id), actingAs(request), context, readsBy(request));
  if (!cancelled.ok) throw callbackFailure(cancelled.refusal);
  tellPosition(reply, cancelled.position);
};

type Move = { readonly desiredTime: number; readonly alwaysCheckCapacity: boolean; readonly reason?: string | undefined };

/** Moves for whoever asks (1.9): a user's always needs a free place, a client's when it says so. Throws the failure that answers a refusal. */
export const reschedule = async (
  { commands, freeSlots, liveWaitFor }: Pick<ApiDeps, 'commands' | 'freeSlots' | 'liveWaitFor'>,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  { desiredTime, alwaysCheckCapacity, reason }: Move,
): Promise<void> => {
  const checked = actingAs(request) === 'user' || alwaysCheckCapacity;
  const context = contextOf(request, commands.newId, reason);
  const moved = await rescheduleCallback(commands, known(id), { desiredTime, checked, reads: readsBy(request) }, context);
  if (!moved.ok) {
    await seeFull({ liveWaitFor }, moved.refusal);
    throw moved.refusal.code === 'OFFICE_CLOSED' ? officeClosed() : rescheduleFailure(moved.refusal, proposer({ freeSlots }));
  }
  tellPosition(reply, moved.position);
};
