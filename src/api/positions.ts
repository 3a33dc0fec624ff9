import type { FastifyReply } from 'fastify';
import type { ApiDeps, ReadModels } from './deps.ts';

/** How long an answer waits for what it is to show. */
export const LONGEST_WAIT_MS = 2_000;

/** Says where a write lies in the log, so that a list can be asked to show it. */
export const tellPosition = (reply: FastifyReply, position: bigint | undefined): void => {
  if (position !== undefined) reply.header('x-position', position.toString());
};

/** Waits until the tables show the position that the asker names, at most 2 s, and says how far behind they are: that long at least if they don't. */
export const showPosition = async (reply: FastifyReply, readModels: ReadModels, position: bigint | undefined): Promise<void> => {
  const isShown = position === undefined || (await readModels.waitFor(position, LONGEST_WAIT_MS));
  const lagMs = Math.max(await readModels.lagMs(), isShown ? 0 : LONGEST_WAIT_MS);
  reply.header('x-lag-ms', String(Math.round(lagMs)));
};

/** The same for what this node holds in memory, whose lag isn't measured: it is told when a position is named. */
export const showLivePosition = async (
  reply: FastifyReply,
  { liveWaitFor }: Pick<ApiDeps, 'liveWaitFor'>,
  position: bigint | undefined,
): Promise<void> => {
  if (position === undefined) return;
  const isShown = await liveWaitFor(position, LONGEST_WAIT_MS);
  reply.header('x-lag-ms', String(isShown ? 0 : LONGEST_WAIT_MS));
};
