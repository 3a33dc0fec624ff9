import { callbackIdOf, isCallbackStream } from './callback/events.ts';
import type { DomainEvent } from './catalogue.ts';
import type { Recorded } from './kit/events.ts';

/** The callback that an event is about, in whatever stream it lies; undefined for events of no callback. */
export const callbackOf = ({ streamId, type, data }: Recorded<DomainEvent>): string | undefined => {
  if (isCallbackStream(streamId)) return callbackIdOf(streamId);
  if (type === 'NumberClaimed' || type === 'NumberReleased') return data.callbackId;
  return type === 'AttemptDecided' || type === 'AttemptVoided' || type === 'PlaceTaken' || type === 'PlaceGivenBack'
    ? data.callbackId
    : undefined;
};
