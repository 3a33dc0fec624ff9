import type { Clock } from '../clock.ts';

type Timer = { readonly instant: number; readonly then: () => void; cancel: () => void };

/**
 * A clock that goes on where it was, however it ended. It begins at `start` (epoch ms) at the machine's pace; `run` sets another.
 * Before any instant is used, `save` has been given one that isn't before it: every `everyMs` it is given the instant `aheadMs` from now
 * (both in the machine's time), and time stands still there until the next save. So a clock started again from what was saved never
 * goes back. A save that throws is tried again after `everyMs`. `stop` saves the exact instant, and time stands still from then on.
 */
export const demoClock = (options: {
  readonly machine: Clock;
  readonly start: number;
  readonly everyMs: number;
  readonly aheadMs: number;
  readonly save: (instant: number) => void;
}) => {
  const { machine, everyMs, aheadMs, save } = options;
  const timers = new Set<Timer>();
  let speed = 1;
  let origin = options.start;
  let since = machine.now();
  let held = options.start;
  let stopped = false;
  let cancelSaving = () => {};

  const unheld = () => origin + (machine.now() - since) * speed;
  const now = () => (stopped ? held : Math.floor(Math.min(unheld(), held)));

  const arm = (timer: Timer) => {
    const left = Math.ceil((timer.instant - unheld()) / speed);
    timer.cancel = machine.at(machine.now() + (left > 0 ? left : now() < timer.instant ? everyMs : 0), () => {
      if (now() < timer.instant) return arm(timer);
      timers.delete(timer);
      timer.then();
    });
  };

  const hold = () => {
    const until = Math.max(held, Math.ceil(unheld() + aheadMs * speed));
    try {
      save(until);
      held = until;
    } catch {
      // Time stands still at what was saved last, which is what keeps the promise.
    }
  };
  const keepSaving = () => {
    hold();
    cancelSaving = machine.at(machine.now() + everyMs, keepSaving);
  };
  save(held);
  keepSaving();

  const clock: Clock = {
    now,
    at: (instant, then) => {
      const timer: Timer = { instant, then, cancel: () => {} };
      timers.add(timer);
      if (!stopped) arm(timer);
      return () => {
        timer.cancel();
        timers.delete(timer);
      };
    },
  };

  return {
    clock,
    run: (nextSpeed: number): void => {
      origin = now();
      since = machine.now();
      speed = nextSpeed;
      hold();
      for (const timer of timers) {
        timer.cancel();
        arm(timer);
      }
    },
    stop: (): void => {
      if (stopped) return;
      held = now();
      stopped = true;
      cancelSaving();
      for (const timer of timers) timer.cancel();
      save(held);
    },
  };
};
