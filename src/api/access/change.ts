import type { FastifyReply, FastifyRequest } from 'fastify';
import { changeAccess } from '../../commands/access.ts';
import type { AccessCommand, Nameable } from '../../domain/access/commands.ts';
import type { AccessState } from '../../domain/access/state.ts';
import { bookableQueues } from '../../domain/configuration/state.ts';
import { readsBy } from '../auth/reads.ts';
import { contextOf } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { accessFailure } from '../errors/access-refusals.ts';
import { tellPosition } from '../positions.ts';

const LONGEST_WAIT_MS = 2_000;

/** What somebody may name in a change. */
export const nameableBy = ({ commands }: Pick<ApiDeps, 'commands'>, request: FastifyRequest): Nameable => ({
  queues: new Set(bookableQueues(commands.configuration())),
  reads: readsBy(request),
});

/** Carries out a change, and answers what is there then once this node's own view shows it. Throws the failure that answers a refusal. */
export const carryOut = async (
  { access, commands, liveWaitFor }: Pick<ApiDeps, 'access' | 'commands' | 'liveWaitFor'>,
  request: FastifyRequest,
  reply: FastifyReply,
  command: AccessCommand,
): Promise<{ readonly state: AccessState; readonly changed: boolean }> => {
  const done = await changeAccess(commands.store, command, contextOf(request, commands.newId), readsBy(request), access.soFar);
  if (!done.ok) throw accessFailure(done.refusal);
  const { state, changed, position } = done;
  if (position !== undefined) await liveWaitFor(position, LONGEST_WAIT_MS);
  tellPosition(reply, position);
  return { state, changed };
};
