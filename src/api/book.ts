import type { FastifyReply, FastifyRequest } from 'fastify';
import { bookCallback } from '../commands/book.ts';
import type { SlotFull } from '../commands/place-wish.ts';
import { contextOf } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { bookingFailure, type ProposeSlots } from './errors/refusals.ts';
import { idempotencyOf } from './idempotency.ts';
import type { ApiMetrics } from './metrics.ts';
import { officeClosed } from './office-closed.ts';
import { LONGEST_WAIT_MS, tellPosition } from './positions.ts';
import { type BookingBody, bookingRequest } from './schemas/booking.ts';

const PROPOSED = 10;

/** The ten free slots nearest to the one that is full (1.5). */
export const proposer =
  ({ freeSlots }: Pick<ApiDeps, 'freeSlots'>): ProposeSlots =>
  ({ queue, desiredTime }) =>
    freeSlots(queue, desiredTime, PROPOSED);

/** Waits until this node's view has the places that made a slot full, so that it isn't among those proposed. */
export const seeFull = async (
  { liveWaitFor }: Pick<ApiDeps, 'liveWaitFor'>,
  refusal: { readonly code: string } | SlotFull,
): Promise<void> => {
  if ('position' in refusal) await liveWaitFor(refusal.position, LONGEST_WAIT_MS);
};

export type BookingDeps = Pick<ApiDeps, 'commands' | 'freeSlots' | 'liveWaitFor'> & { readonly metrics: ApiMetrics };

/** Books for whoever asks, and gives the callback's id and position. Throws the failure that answers a refusal. `checked`: a full slot refuses. */
export const book = async (
  { commands, freeSlots, liveWaitFor, metrics }: BookingDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  body: BookingBody & { readonly timezone?: string | undefined },
  checked: boolean,
) => {
  const by = request.actor?.kind === 'user' ? 'user' : 'client';
  const { principal } = request;
  const limits = principal?.kind === 'client' ? principal.limits : null;
  const wanted = bookingRequest(body, checked, { idempotency: idempotencyOf(request), limits });
  const booked = await bookCallback(commands, wanted, contextOf(request, commands.newId));
  if (!booked.ok) {
    if (booked.refusal.code === 'LIMIT_REACHED') metrics.limitReached(principal?.name ?? '', booked.refusal.limit);
    await seeFull({ liveWaitFor }, booked.refusal);
    const failure = booked.refusal.code === 'OFFICE_CLOSED' ? officeClosed() : bookingFailure(booked.refusal, proposer({ freeSlots }));
    metrics.booking(by, failure.error);
    throw failure;
  }
  metrics.booking(by, 'booked');
  tellPosition(reply, booked.position);
  return booked;
};
