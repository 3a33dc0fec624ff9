import { closingAfter } from '../business-day/closing.ts';
import type { BusinessHours } from '../configuration/events.ts';
import { type Configuration, settingsOf } from '../configuration/state.ts';
import { calendarOf } from '../time/calendar.ts';
import { isOpenAt, type Opening, openingAt } from '../time/opening.ts';

/** When a queue's office is open, and until when it offers immediate callbacks. Without business hours it is always open. */
export type Office = {
  readonly hours: BusinessHours | undefined;
  readonly offerHours: BusinessHours | undefined;
  readonly blackoutMinutes: number;
};

/** The office of a queue as the configuration has it; undefined for a queue that isn't there. */
export const officeOf = (configuration: Configuration, queue: string): Office | undefined => {
  const settings = settingsOf(configuration, queue);
  if (settings === undefined) return undefined;
  const named = (name: string | null) => (name === null ? undefined : configuration.businessHours.get(name)?.hours);
  const { businessHours, immediateOfferHours, immediateBlackoutMinutes: blackoutMinutes } = settings;
  return { hours: named(businessHours), offerHours: named(immediateOfferHours), blackoutMinutes };
};

const ALWAYS: Opening = { open: true, until: null };

/** Whether the office is open at an instant (epoch ms), and until when it stays so. */
export const officeAt = ({ hours }: Office, instant: number): Opening =>
  hours === undefined ? ALWAYS : openingAt(calendarOf(hours), instant);

/** Seconds from `now` until `end` (epoch ms), whole ones, so that what is still to come is never 0; null for no end. */
const secondsUntil = (end: number | null, now: number): number | null => (end === null ? null : Math.max(0, Math.ceil((end - now) / 1000)));

/** How many seconds the office stays open; 0 when it is closed, null when it has no end. */
export const openForSeconds = (office: Office, now: number): number | null => {
  const { open, until } = officeAt(office, now);
  return open ? secondsUntil(until, now) : 0;
};

/** How many seconds the offer hours' business day still lasts; 0 outside of them, null when it has no end, `NOT_SET` where the queue has none. */
export const offerHoursOpenForSeconds = ({ offerHours }: Office, now: number): number | null | 'NOT_SET' => {
  if (offerHours === undefined) return 'NOT_SET';
  return isOpenAt(calendarOf(offerHours), now) ? secondsUntil(closingAfter(offerHours, now)?.closedAt ?? null, now) : 0;
};

/**
 * Whether an immediate callback that is booked at `now` (epoch ms) is forecast to be made in time (3.4): now is inside, and now and the wait come
 * before the end, which is that of the offer hours, if the queue has any, else closing less the blackout; an office that doesn't close
 * has no end. A wait that is unknown (null) delays nothing.
 */
export const isWithinImmediateOffer = (office: Office, now: number, estimatedWaitSeconds: number | null): boolean => {
  const { offerHours, blackoutMinutes } = office;
  const { open, until } = offerHours === undefined ? officeAt(office, now) : openingAt(calendarOf(offerHours), now);
  if (!open || until === null) return open;
  const end = offerHours === undefined ? until - blackoutMinutes * 60_000 : until;
  return now + (estimatedWaitSeconds ?? 0) * 1000 < end;
};
