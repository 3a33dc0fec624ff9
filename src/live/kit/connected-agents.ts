import { putNewest } from '../../domain/kit/put-newest.ts';
import { MOST_AGENTS } from '../agent-report.ts';

/** Agents who have a call by our own record: they aren't ready until a later report says so (7.2). Instants are epoch ms. */
export type ConnectedAgents = {
  readonly connected: (id: string, at: number) => void;
  readonly has: (id: string) => boolean;
  /** He was told ready at `reportedAt`, by default after all that is known; whether that ends a call. One told before says nothing of it. */
  readonly toldReady: (id: string, reportedAt?: number) => boolean;
};

/** Agents who were connected and of whom no report came since, a bound far above any contact center's. */
const MOST = 5 * MOST_AGENTS;

export const connectedAgents = (): ConnectedAgents => {
  const connectedAt = new Map<string, number>();
  return {
    connected: (id, at) => void putNewest(connectedAt, id, at, MOST),
    has: (id) => connectedAt.has(id),
    toldReady: (id, reportedAt = Number.POSITIVE_INFINITY) => {
      const connected = connectedAt.get(id);
      return connected !== undefined && reportedAt > connected && connectedAt.delete(id);
    },
  };
};
