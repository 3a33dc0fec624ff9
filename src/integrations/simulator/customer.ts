import { type Behaviour, type DialOutcome, dialOutcomes } from './behaviour.ts';
import { draw, drawLogNormal } from './draw.ts';

/** What dialing a customer comes to. Durations are in ms. */
export type Reaction = {
  readonly outcome: DialOutcome;
  readonly ringMs: number;
  readonly patienceMs: number;
  readonly handlingMs: number;
  readonly wrapUpMs: number;
  readonly endedBy: 'AGENT' | 'CUSTOMER';
};

/** What a number is doesn't change from one attempt to the next; the other outcomes are drawn anew for each. */
const LASTING: ReadonlySet<DialOutcome> = new Set(['INVALID_NUMBER', 'FAX']);
const SHORTEST_MS = 1_000;
const LONGEST_MS = 2 * 3_600_000;

const pick = (weights: Behaviour['answerRates'], among: readonly DialOutcome[], at: number): DialOutcome | undefined => {
  let left = at * among.reduce((sum, outcome) => sum + weights[outcome], 0);
  for (const outcome of among) {
    left -= weights[outcome];
    if (left < 0) return outcome;
  }
  return among.findLast((outcome) => weights[outcome] > 0);
};

/** Digits 555-0100 to 555-0199 at the end: these customers answer at the first attempt. */
export const answersAtFirst = (phoneNumber: string): boolean => phoneNumber.replace(/\D/g, '').slice(-7).startsWith('55501');

/**
 * What the customer at `phoneNumber` does when dialed for the `attempt`th time (1, 2, …): a function of seed, number and attempt
 * alone, whatever the timing. Weights must not be negative, and one of them more than zero.
 */
export const reactionOf = (behaviour: Behaviour, seed: number, phoneNumber: string, attempt: number): Reaction => {
  const { answerRates, ringMs, patienceMs, handling, wrapUp, endedByCustomer } = behaviour;
  const chance = (...words: readonly string[]) => draw(seed, phoneNumber, attempt, ...words);
  const between = ([least, most]: readonly [number, number], word: string) => least + (most - least) * chance(word);
  const bounded = (ms: number) => Math.min(Math.max(ms, SHORTEST_MS), LONGEST_MS);

  const drawnOutcome = (): DialOutcome => {
    const ofNumber = pick(answerRates, dialOutcomes, draw(seed, phoneNumber, 'number'));
    if (ofNumber !== undefined && LASTING.has(ofNumber)) return ofNumber;
    const passing = dialOutcomes.filter((outcome) => !LASTING.has(outcome));
    return pick(answerRates, passing, chance('outcome')) ?? 'FAILED';
  };

  const outcome = answersAtFirst(phoneNumber) ? 'ANSWERED' : drawnOutcome();
  return {
    outcome,
    ringMs: between(ringMs[outcome], 'ring'),
    patienceMs: between(patienceMs, 'patience'),
    handlingMs: bounded(drawLogNormal(handling, seed, phoneNumber, attempt, 'handling')),
    wrapUpMs: bounded(drawLogNormal(wrapUp, seed, phoneNumber, attempt, 'wrap-up')),
    endedBy: chance('ended by') < endedByCustomer ? 'CUSTOMER' : 'AGENT',
  };
};
