import { type Configuration, settingsOf } from '../configuration/state.ts';
import { slotsOf } from '../places/queue-slots.ts';
import { isOpenAt } from '../time/opening.ts';
import { DAY_MS } from '../time/zone.ts';

/** Why a queue doesn't take a booking by the checks that it opted in to (1.5). */
export type CheckRefusal =
  | { readonly code: 'OFFICE_CLOSED' }
  | { readonly code: 'IMMEDIATE_DISABLED' | 'SCHEDULED_DISABLED' }
  | { readonly code: 'TOO_SOON'; readonly minutes: number }
  | { readonly code: 'TOO_FAR_AHEAD'; readonly days: number };

/** A wish for a callback now, or at `desiredTime` (epoch ms). */
export type Wished = { readonly kind: 'IMMEDIATE' | 'SCHEDULED'; readonly desiredTime: number };

/**
 * What keeps a client from booking a queue by the checks that it opted in to (1.5): its flags, its office hours (now, or as the slot of the
 * desired time begins), how long ahead at least and at most. Undefined for nothing, as for a queue that checks nothing.
 */
export const refusedByChecks = (
  configuration: Configuration,
  queue: string,
  { kind, desiredTime }: Wished,
  now: number,
): CheckRefusal | undefined => {
  const settings = settingsOf(configuration, queue);
  if (settings === undefined) return undefined;
  const { checks, immediateEnabled, scheduledEnabled } = settings;
  const scheduled = kind === 'SCHEDULED';
  if (checks.enabledFlags && !(scheduled ? scheduledEnabled : immediateEnabled))
    return { code: scheduled ? 'SCHEDULED_DISABLED' : 'IMMEDIATE_DISABLED' };
  if (checks.officeHours) {
    const slots = slotsOf(configuration, queue);
    const calendar = slots?.calendar;
    const isOpen = scheduled ? slots?.isOpen(slots.slotAt(desiredTime)) : calendar === undefined || isOpenAt(calendar, now);
    if (isOpen === false) return { code: 'OFFICE_CLOSED' };
  }
  if (!scheduled) return undefined;
  const { minimumLeadMinutes: minutes, horizonDays: days } = checks;
  if (minutes > 0 && desiredTime < now + minutes * 60_000) return { code: 'TOO_SOON', minutes };
  if (days !== null && desiredTime > now + days * DAY_MS) return { code: 'TOO_FAR_AHEAD', days };
  return undefined;
};

const mostOf = { off: null, max2: 2, strict: 1 } as const;

/** How many open callbacks of one number a queue takes from clients (1.7); null for any number. */
export const mostPerNumber = (configuration: Configuration, queue: string): number | null =>
  mostOf[settingsOf(configuration, queue)?.checks.duplicates ?? 'off'];
