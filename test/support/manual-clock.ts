import type { Clock } from '../../src/clock.ts';
import { httpInFlight } from './http-in-flight.ts';

export type ManualClock = Clock & {
  /** Moves time to `instant`, firing what falls due on the way, in order, and letting I/O settle after each instant. */
  readonly advanceTo: (instant: number) => Promise<void>;
  readonly advanceBy: (ms: number) => Promise<void>;
  /** Moves from one due instant to the next until `done` answers true; throws when `limitMs` of clock time have passed before. */
  readonly advanceUntil: (done: () => boolean | Promise<boolean>, limitMs?: number) => Promise<void>;
  /** Lets I/O settle without moving time. */
  readonly settle: () => Promise<void>;
  /** How many calls wait for a later instant. */
  readonly waiting: () => number;
};

type Waiting = { readonly instant: number; readonly then: () => void };

/** Quiet turns of the event loop after which I/O counts as settled. */
const TURNS = 20;
/** A request that never ends, such as a connection to nowhere, doesn't hold time back for ever, in the machine's ms. */
const LONGEST_SETTLE_MS = 5_000;
const IN_FLIGHT = /Req(Callback|Promise|Wrap)|ConnectWrap|WriteWrap|ShutdownWrap/;

const moment = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const ioInFlight = () => process.getActiveResourcesInfo().some((name) => IN_FLIGHT.test(name));

/**
 * A clock that stands still at `start` (epoch ms) until the test moves it. What is asked for an instant already past is called
 * in the next turn of the event loop, as a real timer would be.
 * I/O has settled when no HTTP request of this process waits for its answer (unless that is held back on purpose) and no file, name or
 * connection is on its way. `busy` lets a test name other work, such as a worker thread's: time stands still while it answers true.
 */
export const manualClock = (start: number, busy: () => boolean = () => false, longestSettleMs: number = LONGEST_SETTLE_MS): ManualClock => {
  let now = start;
  let moving = false;
  const waiting: Waiting[] = [];

  const settle = async () => {
    const limit = performance.now() + longestSettleMs;
    for (let [quiet, isBusy] = [0, false]; quiet < TURNS && performance.now() < limit; ) {
      await (isBusy ? moment() : turn()); // other threads need the processor meanwhile
      isBusy = busy();
      quiet = isBusy || ioInFlight() || httpInFlight() ? 0 : quiet + 1;
    }
  };

  const fireNext = () => {
    const first = waiting[0];
    if (first === undefined) return;
    now = Math.max(now, first.instant);
    while (waiting[0] !== undefined && waiting[0].instant <= now) waiting.shift()?.then();
  };

  const exclusively = async (move: () => Promise<void>) => {
    if (moving) throw new Error('The clock is being moved already; await the move before starting another.');
    moving = true;
    try {
      await settle();
      await move();
    } finally {
      moving = false;
    }
  };

  const advanceTo = (instant: number) =>
    exclusively(async () => {
      while (waiting[0] !== undefined && waiting[0].instant <= instant) {
        fireNext();
        await settle();
      }
      now = Math.max(now, instant);
      await settle();
    });

  return {
    now: () => now,
    at: (instant, then) => {
      if (instant <= now) {
        const soon = setImmediate(then);
        return () => clearImmediate(soon);
      }
      const entry = { instant, then };
      const after = waiting.findIndex((other) => other.instant > instant);
      waiting.splice(after === -1 ? waiting.length : after, 0, entry);
      return () => {
        const place = waiting.indexOf(entry);
        if (place !== -1) waiting.splice(place, 1);
      };
    },
    advanceTo,
    advanceBy: (ms) => advanceTo(now + ms),
    advanceUntil: (done, limitMs = 7 * 24 * 3_600_000) =>
      exclusively(async () => {
        const limit = now + limitMs;
        while (!(await done())) {
          const next = waiting[0];
          if (next === undefined) throw new Error('The condition isn’t met, and nothing waits for a later instant.');
          if (next.instant > limit) throw new Error(`The condition isn’t met after ${limitMs} ms of clock time.`);
          fireNext();
          await settle();
        }
      }),
    settle,
    waiting: () => waiting.length,
  };
};
