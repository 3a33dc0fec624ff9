/**
 * One booking that the service acknowledged, and what it must have come to. `desired` holds the times it may have: one, and with it those of
 * moves that nobody answered.
 */
export type Entry = {
  readonly id: string;
  readonly queue: string;
  readonly phoneNumber: string;
  readonly isFar: boolean;
  desired: readonly string[] | 'now';
  cancelled: 'no' | 'maybe' | 'yes';
};

/** What the clients of a test know for sure. `unknown` counts bookings without a key that nobody answered. */
export type Ledger = {
  readonly entries: Map<string, Entry>;
  /** What contradicts what was acknowledged before, a sentence each. */
  readonly faults: string[];
  unknown: number;
  refused: number;
  repeats: number;
};

export const newLedger = (): Ledger => ({ entries: new Map(), faults: [], unknown: 0, refused: 0, repeats: 0 });
