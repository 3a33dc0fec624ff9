import type { BusinessHours } from '../configuration/events.ts';
import { type Closing, closingAfter, lastClosing } from './closing.ts';

/** What a queue's business hours were from an instant on (epoch ms), until those of the next era; null for none. */
export type Era = { readonly from: number; readonly hours: BusinessHours | null };

const within = (eras: readonly Era[], index: number, after: number): { after: number; end: number } => ({
  after: Math.max(after, eras[index]?.from ?? after),
  end: eras[index + 1]?.from ?? Number.POSITIVE_INFINITY,
});

/**
 * The first end of a business day after `after` (epoch ms), each by the hours that were in force then: hours that are edited so that
 * today's end is past have none today, and those that came before an edit are not forgotten.
 */
export const nextEnd = (eras: readonly Era[], after: number): Closing | undefined => {
  for (const [index, { hours }] of eras.entries()) {
    const span = within(eras, index, after);
    if (hours === null || span.after >= span.end) continue;
    const closing = closingAfter(hours, span.after);
    if (closing !== undefined && closing.closedAt <= span.end) return closing;
  }
  return undefined;
};

/** The last end of a business day after `after` that has come by `now`: all earlier ones are over with it. */
export const lastEnd = (eras: readonly Era[], after: number, now: number): Closing | undefined => {
  for (let index = eras.length - 1; index >= 0; index--) {
    const hours = eras[index]?.hours ?? null;
    const span = within(eras, index, after);
    if (hours === null || span.after >= span.end) continue;
    const closing = lastClosing(hours, span.after, Math.min(span.end, now));
    if (closing !== undefined) return closing;
  }
  return undefined;
};

/** Eras that can still have an end after `after`. */
export const stillOf = (eras: readonly Era[], after: number): readonly Era[] => {
  const kept = eras.filter((_, index) => (eras[index + 1]?.from ?? Number.POSITIVE_INFINITY) > after);
  return kept.length === eras.length ? eras : kept;
};
