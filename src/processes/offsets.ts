import { TIME_TO_LIVE_MS } from '../domain/callback/decider.ts';
import type { Settings } from '../domain/configuration/columns.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import { settingsInForce } from '../live/settings-in-force.ts';

/** How long a place may be held without its booking, and one that was to be given back be left to the command that does it. */
const UNUSED_HOLD_MS = 30_000;
const GIVE_BACK_MS = 5_000;

/** How long the row of a retired queue outlives its last callback: a booking may be under way that another node accepted before. */
const RETIRED_QUEUE_MS = 2_000;

const retryMinutes = ({ dialRetryMinutes }: Settings, outcome: string): number => {
  if (typeof dialRetryMinutes === 'number') return dialRetryMinutes;
  const { default: usual, ...byOutcome } = dialRetryMinutes;
  const own = new Map(Object.entries(byOutcome)).get(outcome);
  return own ?? usual;
};

/**
 * Milliseconds from an entry's anchor to when it is due, as its group's settings say today (1.14):
 * `start:<queue>`, `report:<queue>`, `ring:<queue>`, `handling:<queue>`, `retry:<class>:<queue>`, `purge:<queue>`, `day-end:<queue>`, `retire`, `unused-hold`,
 * `give-back`, `retired-queue`, `at-once`. `estimatedWait` is the queue's in seconds, null when unknown; `nextDayEnd` when its business day ends (epoch ms).
 */
export const offsetOf = (
  configuration: () => Configuration,
  estimatedWait: (queue: string) => number | null,
  nextDayEnd: (queue: string) => number | null,
) => {
  const settings = settingsInForce(configuration);
  return (group: string): number => {
    const colon = group.indexOf(':');
    const [kind, rest] = colon < 0 ? [group, ''] : [group.slice(0, colon), group.slice(colon + 1)];
    switch (kind) {
      case 'start':
        return -(estimatedWait(rest) ?? 0) * 1000;
      case 'report':
        return settings(rest).reportLimitSeconds * 1000;
      case 'ring':
        return settings(rest).ringLimitSeconds * 1000;
      case 'handling':
        return settings(rest).handlingLimitMinutes * 60_000;
      case 'retry': {
        const end = rest.indexOf(':');
        return Math.round(retryMinutes(settings(rest.slice(end + 1)), rest.slice(0, end)) * 60_000);
      }
      case 'purge':
        return settings(rest).callbackPurgeMinutes * 60_000;
      case 'day-end':
        return nextDayEnd(rest) ?? Number.POSITIVE_INFINITY;
      case 'retire':
        return TIME_TO_LIVE_MS;
      case 'unused-hold':
        return UNUSED_HOLD_MS;
      case 'give-back':
        return GIVE_BACK_MS;
      case 'retired-queue':
        return RETIRED_QUEUE_MS;
      default:
        return 0;
    }
  };
};
