import type { EventStore, Feed } from '../../src/eventstore/event-store.ts';
import { withoutPersonal } from '../../src/projections/kit/personal.ts';
import type { Event } from '../../src/projections/kit/projection.ts';

/** A log in memory that reads like the event store, for histories that no decider would write. */
export const memoryLog = () => {
  const events: Event[] = [];
  let wake: (() => void)[] = [];
  const grown = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      wake.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  const seen = (event: Event, personal: boolean): Event => (personal ? event : withoutPersonal(event));

  const store: Pick<EventStore, 'follow' | 'idAt' | 'lastPosition' | 'readStream'> = {
    follow: async function* ({ after, personal, signal }): AsyncGenerator<Feed> {
      let next = events.findIndex(({ position }) => after === undefined || position > after);
      if (next === -1) next = events.length;
      for (let caughtUp = false; !signal.aborted; ) {
        const event = events[next];
        if (event !== undefined) {
          next++;
          yield { kind: 'event', event: seen(event, personal) };
        } else if (caughtUp) await grown(signal);
        else {
          caughtUp = true;
          yield { kind: 'caught-up' };
        }
      }
    },
    idAt: async (at) => events.find(({ position }) => position === at)?.id,
    lastPosition: async () => events.at(-1)?.position,
    readStream: async function* (id, { personal = false } = {}) {
      for (const event of events) if (event.streamId === id) yield seen(event, personal);
    },
  };
  return {
    store,
    append: (more: readonly Event[]) => {
      events.push(...more);
      for (const resolve of wake) resolve();
      wake = [];
    },
  };
};
