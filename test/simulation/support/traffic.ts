import { seeded } from '../../crash/support/random.ts';

export const MINUTE_MS = 60_000;
export const QUEUES = ['sales', 'care'] as const;
export type Queue = (typeof QUEUES)[number];

/** How a customer takes being called: what the first calls come to, and after those, whether an agent is waited for. */
export type Customer = {
  readonly phoneNumber: string;
  readonly misses: readonly ('BUSY' | 'NO_ANSWER' | 'ANSWERING_MACHINE')[];
  readonly ringMs: number;
  readonly patienceMs: number;
  readonly handlingMs: number;
};

/** A booking to make at an instant (epoch ms), perhaps for a later one, perhaps to be cancelled at another. */
export type Wish = Customer & {
  readonly at: number;
  readonly queue: Queue;
  readonly desired: number | undefined;
  readonly cancelAt: number | undefined;
};

const misses = ['BUSY', 'NO_ANSWER', 'ANSWERING_MACHINE'] as const;

/** The bookings of `minutes` from `start` on, in order: the same for the same seed. */
export const trafficOf = (seed: number, start: number, minutes: number): readonly Wish[] => {
  const random = seeded(seed);
  const wishes: Wish[] = [];
  for (let at = start + MINUTE_MS; at < start + minutes * MINUTE_MS; at += random.between(0.4, 2) * MINUTE_MS) {
    const [chance, missed] = [random.next(), random.next()];
    const count = missed < 0.6 ? 0 : missed < 0.82 ? 1 : missed < 0.92 ? 2 : 3;
    wishes.push({
      at,
      queue: random.next() < 0.6 ? 'sales' : 'care',
      desired: chance < 0.35 ? Math.floor(at + random.between(20, 45) * MINUTE_MS) : undefined,
      cancelAt: random.next() < 0.08 ? at + random.between(1, 20) * MINUTE_MS : undefined,
      phoneNumber: `+1212${2_000_000 + wishes.length}`,
      misses: Array.from({ length: count }, () => random.one(misses) ?? 'BUSY'),
      ringMs: random.between(4, 30) * 1000,
      patienceMs: random.between(4, 10) * MINUTE_MS,
      handlingMs: random.between(1.5, 4) * MINUTE_MS,
    });
  }
  return wishes;
};
