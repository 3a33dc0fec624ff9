import type { Clock } from '../../../../src/clock.ts';

/** What is to be done in a while, until all of it is given up. */
export type Later = {
  /** The answer gives it up. */
  readonly after: (ms: number, then: () => void) => () => void;
  readonly pause: (ms: number) => Promise<void>;
  readonly isOver: () => boolean;
  readonly end: () => void;
};

export const laterOn = (clock: Clock): Later => {
  const pending = new Set<() => void>();
  let over = false;
  const after = (ms: number, then: () => void): (() => void) => {
    const cancel = clock.at(clock.now() + ms, () => {
      pending.delete(stop);
      then();
    });
    const stop = () => {
      pending.delete(stop);
      cancel();
    };
    pending.add(stop);
    return stop;
  };
  return {
    after,
    pause: (ms) => new Promise<void>((resolve) => void after(ms, resolve)),
    isOver: () => over,
    end: () => {
      over = true;
      for (const stop of [...pending]) stop();
    },
  };
};
