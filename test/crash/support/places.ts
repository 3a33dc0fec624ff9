import { z } from 'zod';
import type { Fact } from './facts.ts';

const taken = z.object({
  queue: z.string(),
  callbackId: z.string(),
  holdId: z.string(),
  instant: z.iso.datetime(),
  checked: z.boolean(),
  at: z.iso.datetime(),
});
const holdOf = z.object({ hold: z.object({ holdId: z.string() }).nullable(), at: z.iso.datetime() });
const given = z.object({ givesBack: z.object({ holdId: z.string() }).nullable() });

type Taken = z.output<typeof taken>;

/** How long nobody may hold a place: a booking that never came, or an end that left it behind. */
export const NOBODYS_MS = 60_000;

export type PlacesOptions = { readonly slotMs: number; readonly capacityOf: (queue: string) => number };

/**
 * What the log says against the keeping of places (1.5), a sentence a fault: a checked booking that found its slot full and was taken, or a
 * place that no callback held for longer than a minute. Nobody holds a place before its booking or move came, and after its cancel or move.
 */
export const placesFaults = (facts: readonly Fact[], { slotMs, capacityOf }: PlacesOptions): readonly string[] => {
  const faults: string[] = [];
  const held = new Map<string, Taken>();
  const nobodys = new Map<string, number>();
  const end = facts.reduce((last, { data }) => (typeof data.at === 'string' ? Math.max(last, Date.parse(data.at)) : last), 0);
  const slotOf = ({ queue, instant }: Taken) => `${queue} ${Math.floor(Date.parse(instant) / slotMs)}`;
  const over = (holdId: string, at: number) => {
    const since = nobodys.get(holdId);
    nobodys.delete(holdId);
    if (since !== undefined && at - since > NOBODYS_MS) faults.push(`place ${holdId} was nobody's for ${at - since} ms`);
  };
  for (const { type, data } of facts) {
    const at = Date.parse(String(data.at));
    switch (type) {
      case 'PlaceTaken': {
        const place = taken.parse(data);
        const load = [...held.values()].filter((other) => slotOf(other) === slotOf(place)).length;
        if (place.checked && load >= capacityOf(place.queue))
          faults.push(`slot ${slotOf(place)} held ${load} places, and one more was taken`);
        held.set(place.holdId, place);
        nobodys.set(place.holdId, at);
        break;
      }
      case 'PlaceGivenBack':
        held.delete(String(data.holdId));
        over(String(data.holdId), at);
        break;
      case 'CallbackBooked':
      case 'CallbackRescheduled':
      case 'CallbackCancelled':
      case 'CallbackCompleted': {
        const { hold } = holdOf.partial().parse(data);
        const { givesBack } = given.partial().parse(data);
        if (hold) over(hold.holdId, at);
        if (givesBack && held.has(givesBack.holdId)) nobodys.set(givesBack.holdId, at);
        break;
      }
    }
  }
  for (const holdId of [...nobodys.keys()]) over(holdId, end);
  return faults;
};

/** Places of the log that are still held. */
export const heldPlaces = (facts: readonly Fact[]): readonly Taken[] => {
  const held = new Map<string, Taken>();
  for (const { type, data } of facts) {
    if (type === 'PlaceTaken') held.set(String(data.holdId), taken.parse(data));
    if (type === 'PlaceGivenBack') held.delete(String(data.holdId));
  }
  return [...held.values()];
};
