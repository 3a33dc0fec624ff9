import type { Positions } from './render.ts';
import { type Following, type Question, type Speaker, speak } from './wire.ts';

/** Asks questions one after the other, and compares each answer with the recorded one under the same title. */
export type Asking = Speaker & {
  readonly p: Positions;
  /** Notes what was answered under a title of the recording. */
  readonly note: (title: string, answer: string | readonly string[]) => void;
  /** Notes what a subscription has brought since it was last noted, once it is as much as was recorded and nothing more comes. */
  readonly noteFollowed: (title: string, following: Following, shape?: (lines: readonly string[]) => string[]) => Promise<void>;
  readonly follow: (question: Question) => Following;
};

const patience = 10_000;

const until = async (condition: () => boolean, roundTrip: () => Promise<unknown>): Promise<void> => {
  const end = Date.now() + patience;
  while (!condition() && Date.now() < end) await roundTrip();
};

/** Starts asking a server. `recorded` are the lines under each title. */
export const startAsking = (
  address: string,
  p: Positions,
  recorded: ReadonlyMap<string, readonly string[]>,
  answers: Map<string, string[]>,
): Asking => {
  const speaker = speak(address, p);
  const note = (title: string, answer: string | readonly string[]): void => {
    answers.set(title, typeof answer === 'string' ? [answer] : [...answer]);
  };
  return {
    ...speaker,
    p,
    note,
    noteFollowed: async (title, { lines }, shape = (some) => [...some]) => {
      const enough = recorded.get(title)?.length ?? 0;
      await until(() => shape(lines).length >= enough, speaker.gossip);
      for (let i = 0; i < 5; i++) await speaker.gossip(); // what would be one line too many has its chance to arrive
      note(title, shape(lines.splice(0)));
    },
  };
};
