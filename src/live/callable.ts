import type { Configuration } from '../domain/configuration/state.ts';
import { barredUntil } from '../domain/dispatch/calling-hours.ts';
import { settingsInForce } from './settings-in-force.ts';
import type { Candidate } from './waiting-lines.ts';

/** Somebody in line whose local hours are over; `until` is when they begin again (epoch ms). */
export type OutOfHours = { readonly callback: Candidate['callback']; readonly until: number };

/** How many of a line a pass leaves out, and how many of all lines it has put beside them. */
const MOST_PASSED_OVER = 20_000;
export const MOST_PUT_BESIDE = 500;

/**
 * The candidates of a line whose local hours allow a call at `now` (7.5). The others are passed over without costing an agent, and noted in
 * `out`, to be put beside the line; one of whom no zone is recorded is left to the start of the attempt, which knows the number.
 */
export const callableOnes = (configuration: () => Configuration) => {
  const settings = settingsInForce(configuration);
  return function* (queue: string, candidates: Iterable<Candidate>, now: number, out: OutOfHours[]): Generator<Candidate> {
    const { localHours, businessHours } = settings(queue);
    if (localHours === null) return yield* candidates;
    const known = new Map<string, number | undefined>();
    const untilOf = (zones: string): number | undefined => {
      if (!known.has(zones)) {
        const names = zones === '' ? [] : zones.split(' ');
        known.set(zones, barredUntil(configuration(), { localHours, businessHours }, names, now));
      }
      return known.get(zones);
    };
    let passedOver = 0;
    for (const candidate of candidates) {
      const { callback } = candidate;
      const until = callback.zones === null ? undefined : untilOf(callback.zones);
      if (until === undefined) {
        yield candidate;
        continue;
      }
      if (out.length < MOST_PUT_BESIDE) out.push({ callback, until });
      if (++passedOver === MOST_PASSED_OVER) return;
    }
  };
};
