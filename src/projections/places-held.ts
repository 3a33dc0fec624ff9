import { callbackOf } from '../domain/callback-of.ts';
import { defineProjection } from './kit/projection.ts';

export type HeldPlace = { readonly holdId: string; readonly queue: string; readonly instant: string };
/** The places that one callback holds; `last` is the latest of them, so that those still ahead are found without reading the rest. */
export type PlacesHeldRow = { readonly key: string; readonly last: string; readonly holds: readonly HeldPlace[] };

const withHolds = (key: string, holds: readonly HeldPlace[]): PlacesHeldRow | undefined => {
  const last = holds
    .map(({ instant }) => instant)
    .sort()
    .at(-1);
  return last === undefined ? undefined : { key, last, holds };
};

export const placesHeld = defineProjection<PlacesHeldRow>({
  name: 'places_held',
  version: 1,
  personal: false,
  columns: { key: 'text', last: 'timestamptz', holds: 'jsonb' },
  indexes: ['(last)'],
  keysOf: (event) => {
    const { type } = event;
    const id = type === 'PlaceTaken' || type === 'PlaceGivenBack' || type === 'CallbackRetired' ? callbackOf(event) : undefined;
    return id === undefined ? [] : [id];
  },
  fold: (row, { type, data }, key) => {
    const holds = row?.holds ?? [];
    switch (type) {
      case 'PlaceTaken': {
        const { holdId, queue, instant } = data;
        return holds.some((hold) => hold.holdId === holdId) ? row : withHolds(key, [...holds, { holdId, queue, instant }]);
      }
      case 'PlaceGivenBack':
        return holds.some(({ holdId }) => holdId === data.holdId)
          ? withHolds(
              key,
              holds.filter(({ holdId }) => holdId !== data.holdId),
            )
          : row;
      case 'CallbackRetired':
        return undefined;
      default:
        return row;
    }
  },
});
