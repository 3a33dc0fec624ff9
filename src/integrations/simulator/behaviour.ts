import type { LogNormal } from './draw.ts';

/** What can come of dialing a customer (7.4). TIMEOUT isn't among them: it is the lack of a report. */
export const dialOutcomes = [
  'ANSWERED',
  'BUSY',
  'NO_ANSWER',
  'ANSWERING_MACHINE',
  'FAX',
  'ERROR_TONE',
  'INVALID_NUMBER',
  'FAILED',
] as const;
export type DialOutcome = (typeof dialOutcomes)[number];

export type Behaviour = {
  /** Weights; an attempt's chance of an outcome is its weight's share of the sum. */
  readonly answerRates: Readonly<Record<DialOutcome, number>>;
  /** Shortest and longest time from dialing to the outcome, in ms. */
  readonly ringMs: Readonly<Record<DialOutcome, readonly [number, number]>>;
  /** How long a customer who answered waits for an agent before hanging up: shortest and longest, in ms. */
  readonly patienceMs: readonly [number, number];
  readonly handling: LogNormal;
  readonly wrapUp: LogNormal;
  /** Share of conversations that the customer ends. */
  readonly endedByCustomer: number;
};

export const defaultBehaviour: Behaviour = {
  answerRates: {
    ANSWERED: 0.62,
    BUSY: 0.08,
    NO_ANSWER: 0.2,
    ANSWERING_MACHINE: 0.07,
    FAX: 0.005,
    ERROR_TONE: 0.005,
    INVALID_NUMBER: 0.01,
    FAILED: 0.01,
  },
  ringMs: {
    ANSWERED: [3_000, 20_000],
    BUSY: [1_000, 3_000],
    NO_ANSWER: [25_000, 35_000],
    ANSWERING_MACHINE: [12_000, 22_000],
    FAX: [3_000, 8_000],
    ERROR_TONE: [1_000, 3_000],
    INVALID_NUMBER: [500, 2_000],
    FAILED: [500, 5_000],
  },
  patienceMs: [8_000, 25_000],
  handling: { medianMs: 150_000, sigma: 0.6 },
  wrapUp: { medianMs: 20_000, sigma: 0.5 },
  endedByCustomer: 0.7,
};
