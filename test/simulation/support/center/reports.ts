import { type Random, seeded } from '../../../crash/support/random.ts';
import type { Later } from './later.ts';
import type { Tell } from './tell.ts';

const LATE_MS = 240_000;
const AGAIN_MS = 10_000;

export type Report = readonly [path: 'outcome' | 'connected' | 'ended' | 'withdrawn', body: object];

/**
 * What a contact center says of attempts. With `isFaulty` it loses, repeats and delays reports as the seed has it: each customer has luck of
 * his own, whatever happens to others.
 */
export const attemptReports = (options: {
  readonly seed: number;
  readonly isFaulty: boolean;
  readonly tell: Tell;
  readonly later: Later;
  /** Settles once the service knows of agents what it was told before. */
  readonly agentsTold: () => Promise<void>;
}) => {
  const { seed, isFaulty, tell, later, agentsTold } = options;
  const faults: string[] = [];
  const luck = new Map<string, Random>();
  const last = new Map<string, Promise<void>>();

  /** From 0 to 1, the worse the less; never bad without faults. */
  const chance = (attemptId: string, phoneNumber: string): number => {
    const key = `${phoneNumber.slice(-7)}${attemptId.slice(attemptId.lastIndexOf('.') + 1)}`;
    const random = luck.get(key) ?? seeded(seed * 7_919 + Number(key));
    luck.set(key, random);
    return isFaulty ? random.next() : 1;
  };
  /** Repeats a report until it is answered. */
  const insist = async (attemptId: string, [path, body]: Report): Promise<void> => {
    if (path === 'connected') await agentsTold();
    while (!later.isOver()) {
      const status = await tell('POST', `/contact-center/attempts/${attemptId}/${path}`, body);
      if (status === 200) return;
      if (status !== undefined && status < 500) {
        faults.push(`the report ${path} of ${attemptId} was answered ${status}`);
        return;
      }
      await later.pause(AGAIN_MS);
    }
  };
  /** Settles once all that was to be said in order of an attempt was answered. */
  const told = (attemptId: string): Promise<void> => last.get(attemptId) ?? Promise.resolve();
  /** In order, as far as the attempt has no bad luck. */
  const report = (attemptId: string, phoneNumber: string, ...one: Report): void => {
    const luck = chance(attemptId, phoneNumber);
    if (luck < 0.04) return; // lost
    if (luck < 0.1) {
      later.after(LATE_MS, () => void insist(attemptId, one)); // late, and out of order
      return;
    }
    const sent = told(attemptId).then(async () => {
      await insist(attemptId, one);
      if (luck < 0.2) await insist(attemptId, one);
    });
    last.set(attemptId, sent);
  };
  return { chance, report, told, faults };
};
export type AttemptReports = ReturnType<typeof attemptReports>;
