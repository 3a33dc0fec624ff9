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

/** `kills`: when the service was killed, and when it served again, epoch ms: nothing is done in between. */
export type PlacesOptions = {
  readonly slotMs: number;
  readonly capacityOf: (queue: string) => number;
  readonly kills: readonly number[];
};

/**
 * What the log says against the keeping of places (1.5), a sentence a fault: a checked booking that found its slot full and was taken, or a
 * place that no callback held for longer than a minute since the last kill. Nobody holds a place before its booking or move came, and after
 * its cancel or move. A callback that holds two places of a slot counts once: it will keep one of them.
 */
export const placesFaults = (facts: readonly Fact[], { slotMs, capacityOf, kills }: PlacesOptions): readonly string[] => {
  const faults: string[] = [];
  const held = new Map<string, Taken>();
  const nobodys = new Map<string, number>();
  const end = facts.reduce((last, { data }) => (typeof data.at === 'string' ? Math.max(last, Date.parse(data.at)) : last), 0);
  const slotOf = ({ queue, instant }: Taken) => `${queue} ${Math.floor(Date.parse(instant) / slotMs)}`;
  const over = (holdId: string, at: number) => {
    const since = nobodys.get(holdId);
    nobodys.delete(holdId);
    if (since === undefined) return;
    const undisturbed = Math.max(since, ...kills.filter((kill) => kill < at));
    if (at - undisturbed > NOBODYS_MS) faults.push(`place ${holdId} was nobody's for ${at - since} ms`);
  };
  for (const { type, data } of facts) {
    const at = Date.parse(String(data.at));
    switch (type) {
      case 'PlaceTaken': {
        const place = taken.parse(data);
        const others = [...held.values()].filter((other) => slotOf(other) === slotOf(place) && other.callbackId !== place.callbackId);
        const load = new Set(others.map(({ callbackId }) => callbackId)).size;
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
