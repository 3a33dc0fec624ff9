import { mutex } from '../../../../src/projections/kit/mutex.ts';
import type { Ground } from './ground.ts';
import { type Node, type Starting, startNode } from './node.ts';

/** When a node answered (epoch ms). */
export type Up = { readonly from: number; until: number };

/** The node of a simulation, and those that came before it: one at a time. */
export type Nodes = {
  /** Undefined while none answers. */
  readonly current: () => Node | undefined;
  readonly up: readonly Up[];
  readonly isBusy: () => boolean;
  readonly start: () => Promise<void>;
  readonly setPauseMs: (pauseMs: number) => void;
  /** Ends the node by `end`, waits, and starts another; changes wait for each other. */
  readonly replace: (end: (node: Node) => Promise<void>, meanwhile: () => Promise<void>) => Promise<void>;
  /** The same, in no time. */
  readonly restart: (meanwhile?: () => Promise<void>) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** None is started yet. `started` is called with each. */
export const nodesOn = (ground: Ground, failed: (line: string) => void, started: () => void): Nodes => {
  const { clock } = ground;
  const up: Up[] = [];
  const exclusively = mutex();
  let pauseMs = 0;
  let starting: Starting | undefined;
  let current: Node | undefined;
  let isRestarting = false;

  const start = async (): Promise<void> => {
    starting = startNode(ground, () => pauseMs, failed);
    current = await starting.node;
    up.push({ from: clock.now(), until: Number.POSITIVE_INFINITY });
    started();
  };
  const markEnd = (): void => {
    const last = up.at(-1);
    if (last !== undefined) last.until = Math.min(last.until, clock.now());
  };
  const ended = (): void => {
    current = undefined;
    markEnd();
  };
  const replace = async (end: (node: Node) => Promise<void>, meanwhile: () => Promise<void>): Promise<void> => {
    const node = current;
    if (node === undefined) return;
    await end(node);
    ended();
    starting = undefined;
    await meanwhile();
    await start();
  };
  return {
    start,
    ...{ current: () => current, up, isBusy: () => starting?.isBusy() || (isRestarting && !starting?.isSlowed()) },
    setPauseMs: (ms) => {
      pauseMs = ms;
    },
    replace: (end, meanwhile) => exclusively(() => replace(end, meanwhile)),
    restart: (meanwhile = async () => {}) =>
      exclusively(async () => {
        isRestarting = true;
        markEnd(); // whoever is closing makes no more decisions, however long that takes
        await replace((node) => node.close(), meanwhile).finally(() => {
          isRestarting = false;
        });
      }),
    close: async () => {
      const node = current;
      ended();
      await node?.close();
    },
  };
};
