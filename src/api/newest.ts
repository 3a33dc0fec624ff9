import type { FastifyReply } from 'fastify';
import type { ApiDeps } from './deps.ts';
import { LONGEST_WAIT_MS } from './positions.ts';

/** One answer of `ask` for all who come while another is under way: each is asked for after its asker came. */
export const sharedAnswers = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let next: Promise<T> | undefined;
  let underWay: Promise<unknown> = Promise.resolve();
  return () => {
    next ??= underWay.then(() => {
      next = undefined;
      const asked = ask();
      underWay = asked.catch(() => undefined);
      return asked;
    });
    return next;
  };
};

const within = async <T>(answer: Promise<T>, ms: number): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
};

/**
 * Waits until this node's live views have what is in the log as somebody asks, whichever node wrote it. After 2 s, or while the event store
 * is away, the answer is what they know, and the header `x-lag-ms` says so.
 */
export const seeNewest = ({ logEnd, liveWaitFor }: Pick<ApiDeps, 'logEnd' | 'liveWaitFor'>) => {
  const lastPosition = sharedAnswers(async () => {
    const last = logEnd().then((position) => ({ position }));
    return within(
      last.catch(() => undefined),
      LONGEST_WAIT_MS,
    );
  });
  return async (reply: FastifyReply): Promise<void> => {
    const last = await lastPosition();
    const isSeen = last !== undefined && (last.position === undefined || (await liveWaitFor(last.position, LONGEST_WAIT_MS)));
    if (!isSeen) reply.header('x-lag-ms', String(LONGEST_WAIT_MS));
  };
};
