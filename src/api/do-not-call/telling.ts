import type { FastifyReply } from 'fastify';
import type { ListChanged } from '../../commands/do-not-call.ts';
import type { ApiDeps } from '../deps.ts';
import { LONGEST_WAIT_MS, tellPosition } from '../positions.ts';

/** Says where a change of the list lies, once it holds on this node. */
export const telling =
  ({ liveWaitFor }: Pick<ApiDeps, 'liveWaitFor'>) =>
  async (reply: FastifyReply, { position }: ListChanged): Promise<void> => {
    if (position === undefined) return;
    await liveWaitFor(position, LONGEST_WAIT_MS);
    tellPosition(reply, position);
  };
