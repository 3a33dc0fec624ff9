import { commit } from './commit.ts';
import { beginGroup, type Group } from './group.ts';
import type { Store } from './store.ts';

/** Something to decide and write in the next group. `answer` is called once the outcome is durable, `fail` when nothing was written. */
export type Work<Result> = {
  readonly decide: (group: Group) => Result;
  readonly answer: (result: Result) => void;
  readonly fail: (error: unknown) => void;
};

/** Takes work in order, and writes whatever has come while the last group was being written as the next one. */
export type Writer = { readonly enqueue: <Result>(work: Work<Result>) => void; readonly idle: () => Promise<void> };

/** A group takes on no more once it has so much work, or so many bytes of events, for all of it is in memory until it is written. */
const mostWork = 2048;
const mostBytes = 32 * 2 ** 20;

type Step = { readonly decide: (group: Group) => () => void; readonly fail: (error: unknown) => void };

/** Starts the group-commit loop of a store. `now` answers milliseconds since 1970. */
export const startWriter = (store: Store, now: () => number): Writer => {
  let queue: Step[] = [];
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const group = beginGroup(store, now());
      const taken: Step[] = [];
      const answers: (() => void)[] = [];
      let settle = (): void => {
        for (const answer of answers) answer();
      };
      try {
        for (const step of queue) {
          if (taken.length === mostWork || group.end - store.end >= mostBytes) break;
          taken.push(step);
          answers.push(step.decide(group));
        }
        await commit(group);
      } catch (error) {
        settle = () => {
          for (const { fail } of taken) fail(error);
        };
      }
      queue = queue.slice(taken.length);
      settle();
    }
    running = undefined;
  };

  return {
    enqueue: ({ decide, answer, fail }) => {
      queue.push({
        decide: (group) => {
          const result = decide(group);
          return () => answer(result);
        },
        fail,
      });
      // the turn of the event loop is let finish, so that all it brought goes into one group
      running ??= new Promise((resolve) => setImmediate(resolve)).then(drain);
    },
    idle: async () => running,
  };
};
