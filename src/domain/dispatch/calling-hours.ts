import type { Settings } from '../configuration/columns.ts';
import type { Configuration } from '../configuration/state.ts';
import { nextAllowed } from '../time/local-hours.ts';

/** How long one waits whose zones share no allowed hour, until it is looked at again: an edit of the hours ends it sooner. */
const NEVER_MS = 86_400_000;

/** Where a customer is of whom nothing is known: with the queue's own office, if it has hours. */
const zoneOfOffice = ({ businessHours }: Configuration, name: string | null): readonly string[] => {
  const office = name === null ? undefined : businessHours.get(name)?.hours.zone;
  return office === undefined ? [] : [office];
};

/**
 * Until when somebody can't be called whose zones these are (epoch ms), by the queue's local hours (7.5); undefined when he may be called
 * at `now`. In several zones it has to be allowed in all of them.
 */
export const barredUntil = (
  configuration: Configuration,
  { localHours, businessHours }: Pick<Settings, 'localHours' | 'businessHours'>,
  zones: readonly string[],
  now: number,
): number | undefined => {
  if (localHours === null) return undefined;
  const known = zones.length > 0 ? zones : zoneOfOffice(configuration, businessHours);
  const next = nextAllowed(localHours, known, now) ?? now + NEVER_MS;
  return next === now ? undefined : next;
};
