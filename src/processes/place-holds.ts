import type { Hold } from '../domain/callback/events.ts';
import { callbackInstance } from './callback-instance.ts';
import { defineProcess } from './kit/process.ts';

type Held = { readonly queue: string; readonly hold: Hold; readonly since: string };
type Pending = Held & { readonly decidedAt: number | null };
type Back = Held & { readonly because: 'MOVED' | 'CANCELLED' | 'ENDED' };
/** `pending`: taken, and no booking or move came yet. `back`: to be given back. */
type State = { readonly pending: readonly Pending[]; readonly back: readonly Back[] };
export type HoldCommand =
  | {
      readonly type: 'LapseHold';
      readonly queue: string;
      readonly callbackId: string;
      readonly hold: Hold;
      readonly decidedAt: number | null;
    }
  | ({ readonly type: 'GiveBackHold'; readonly callbackId: string } & Pick<Back, 'queue' | 'hold' | 'because'>);

const without = <H extends Held>(holds: readonly H[], holdId: string | undefined): readonly H[] =>
  holds.filter(({ hold }) => hold.holdId !== holdId);
const toGiveBack = (hold: Hold | null, back: Omit<Back, 'hold'>): readonly Back[] => (hold === null ? [] : [{ ...back, hold }]);

/** The net under bookings, moves and cancels (1.5): a place that nobody came to use lapses, one that is to be given back is. */
export const placeHolds = defineProcess<State, HoldCommand>({
  name: 'place_holds',
  version: 1,
  instanceOf: callbackInstance(
    'PlaceTaken',
    'PlaceGivenBack',
    'CallbackBooked',
    'CallbackRescheduled',
    'BookingLapsed',
    'CallbackCancelled',
    'CallbackCompleted',
  ),
  initial: { pending: [], back: [] },
  evolve: (state, { type, data }) => {
    const { pending, back } = state;
    switch (type) {
      case 'PlaceTaken': {
        const { queue, holdId, instant, day, decidedAt, at } = data;
        const hold = { holdId, instant, day };
        return { pending: [...pending, { queue, hold, decidedAt, since: at }], back };
      }
      case 'PlaceGivenBack':
        return { pending: without(pending, data.holdId), back: without(back, data.holdId) };
      case 'CallbackBooked':
        return { pending: without(pending, data.hold?.holdId), back };
      case 'CallbackRescheduled':
        return {
          pending: without(pending, data.hold.holdId),
          back: [...back, ...toGiveBack(data.givesBack, { queue: data.queue, since: data.at, because: 'MOVED' })],
        };
      case 'CallbackCancelled':
      case 'CallbackCompleted':
        return {
          pending,
          back: [
            ...back,
            ...toGiveBack(data.givesBack, {
              queue: data.queue,
              since: data.at,
              because: type === 'CallbackCancelled' ? 'CANCELLED' : 'ENDED',
            }),
          ],
        };
      default:
        return state;
    }
  },
  todo: ({ pending, back }, callbackId) =>
    Object.fromEntries([
      ...pending.map(({ queue, hold, decidedAt, since }) => [
        `lapse:${hold.holdId}`,
        { group: 'unused-hold', anchor: since, command: { type: 'LapseHold' as const, queue, callbackId, hold, decidedAt } },
      ]),
      ...back.map(({ queue, hold, since, because }) => [
        `give-back:${hold.holdId}`,
        { group: 'give-back', anchor: since, command: { type: 'GiveBackHold' as const, queue, callbackId, hold, because } },
      ]),
    ]),
});
