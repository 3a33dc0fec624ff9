import type { FastifyReply, FastifyRequest } from 'fastify';
import { bookCallback } from '../commands/book.ts';
import { contextOf } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { bookingFailure, type ProposeSlots } from './errors/refusals.ts';
import { idempotencyOf } from './idempotency.ts';
import type { ApiMetrics } from './metrics.ts';
import { officeClosed } from './office-closed.ts';
import { tellPosition } from './positions.ts';
import { type BookingBody, bookingRequest } from './schemas/booking.ts';

const PROPOSED = 10;

/** The ten free slots nearest to the one that is full (1.5). */
export const proposer =
  ({ freeSlots }: Pick<ApiDeps, 'freeSlots'>): ProposeSlots =>
  ({ queue, desiredTime }) =>
    freeSlots(queue, desiredTime, PROPOSED);

export type BookingDeps = Pick<ApiDeps, 'commands' | 'freeSlots'> & { readonly metrics: ApiMetrics };

/** Books for whoever asks, and gives the callback's id and position. Throws the failure that answers a refusal. `checked`: a full slot refuses. */
export const book = async (
  { commands, freeSlots, metrics }: BookingDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  body: BookingBody,
  checked: boolean,
) => {
  const by = request.actor?.kind === 'user' ? 'user' : 'client';
  const { principal } = request;
  const limits = principal?.kind === 'client' ? principal.limits : null;
  const wanted = bookingRequest(body, checked, { idempotency: idempotencyOf(request), limits });
  const booked = await bookCallback(commands, wanted, contextOf(request, commands.newId));
  if (!booked.ok) {
    if (booked.refusal.code === 'LIMIT_REACHED') metrics.limitReached(principal?.name ?? '', booked.refusal.limit);
    const failure = booked.refusal.code === 'OFFICE_CLOSED' ? officeClosed() : bookingFailure(booked.refusal, proposer({ freeSlots }));
    metrics.booking(by, failure.error);
    throw failure;
  }
  metrics.booking(by, 'booked');
  tellPosition(reply, booked.position);
  return booked;
};
