import { type Random, seeded } from '../../crash/support/random.ts';

export const MINUTE_MS = 60_000;
export const DAY_MS = 1_440 * MINUTE_MS;
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
  readonly index: number;
  readonly at: number;
  readonly queue: Queue;
  readonly desired: number | undefined;
  readonly cancelAt: number | undefined;
};

const misses = ['BUSY', 'NO_ANSWER', 'ANSWERING_MACHINE'] as const;

/** Some wish for soon, some for the next day, most for now. */
const desiredBy = (at: number, random: Random, hasNextDay: boolean): number | undefined => {
  const chance = random.next();
  const [soon, nextDay] = [random.between(20, 45) * MINUTE_MS, DAY_MS - random.between(0, 30) * MINUTE_MS];
  if (chance < 0.3) return Math.floor(at + soon);
  return chance < 0.38 && hasNextDay ? Math.floor(at + nextDay) : undefined;
};

/** The bookings of so many days, of which each has `minutes` of them from its `start` on (epoch ms, of the first): the same for the same seed. */
export const trafficOf = (seed: number, start: number, days: number, minutes: number): readonly Wish[] => {
  const random = seeded(seed);
  const wishes: Wish[] = [];
  for (let day = 0; day < days; day++) {
    const from = start + day * DAY_MS;
    for (let at = from + MINUTE_MS; at < from + minutes * MINUTE_MS; at += Math.floor(random.between(0.3, 1.8) * MINUTE_MS)) {
      const missed = random.next();
      const count = missed < 0.6 ? 0 : missed < 0.82 ? 1 : missed < 0.92 ? 2 : 3;
      wishes.push({
        ...{ index: wishes.length, at, queue: random.next() < 0.6 ? 'sales' : 'care', desired: desiredBy(at, random, day + 1 < days) },
        cancelAt: random.next() < 0.08 ? at + Math.floor(random.between(1, 20) * MINUTE_MS) : undefined,
        phoneNumber: `+1212${2_000_000 + wishes.length}`,
        misses: Array.from({ length: count }, () => random.one(misses) ?? 'BUSY'),
        ringMs: Math.floor(random.between(4, 30) * 1000),
        patienceMs: Math.floor(random.between(0.5, 4) * MINUTE_MS),
        handlingMs: Math.floor(random.between(1, 5) * MINUTE_MS),
      });
    }
  }
  return wishes;
};
