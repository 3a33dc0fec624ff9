import type { Configuration } from '../domain/configuration/state.ts';
import { barredUntil } from '../domain/dispatch/calling-hours.ts';
import { settingsInForce } from './settings-in-force.ts';

/** Zones in which nobody may be called now, with when that may be again (epoch ms). */
export type OutOfHours = ReadonlyMap<string, number>;

const MINUTE_MS = 60_000;
const NOBODY: OutOfHours = new Map();

/** `barred` holds from `from` to `to`. */
type Answer = { readonly from: number; readonly to: number; readonly barred: number | undefined };

/**
 * Which of the zones that people in a queue's line are in are out of its local hours at `now` (epoch ms, 7.5), by the configuration of the
 * moment. Zones that aren't known are none of them: the start of an attempt reads them off the number. An answer is worked out once for all
 * queues with the same hours, and holds until somebody may be called again, or to the end of the minute, in which nothing can change.
 */
export const outOfHours = (configuration: () => Configuration) => {
  const settings = settingsInForce(configuration);
  const known = new Map<string, Answer>();
  let of: Configuration | undefined;
  return (queue: string, zones: Iterable<string | null>, now: number): OutOfHours => {
    const { localHours, businessHours } = settings(queue);
    if (localHours === null) return NOBODY;
    const current = configuration();
    if (current !== of) known.clear();
    of = current;
    const barredIn = (some: string): number | undefined => {
      const key = `${localHours.from} ${localHours.to} ${some === '' ? `office ${businessHours}` : some}`;
      const answer = known.get(key);
      if (answer !== undefined && answer.from <= now && now < answer.to) return answer.barred;
      const barred = barredUntil(current, { localHours, businessHours }, some === '' ? [] : some.split(' '), now);
      known.set(key, { from: now, to: barred ?? (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS, barred });
      return barred;
    };
    const out = new Map<string, number>();
    for (const some of zones) {
      const until = some === null ? undefined : barredIn(some);
      if (some !== null && until !== undefined) out.set(some, until);
    }
    return out;
  };
};
