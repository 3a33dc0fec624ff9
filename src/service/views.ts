import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { Keyring } from '../keys/keyring.ts';
import { accessView } from '../live/access.ts';
import { agentsView } from '../live/agents.ts';
import { configurationView } from '../live/configuration.ts';
import { followLive } from '../live/follow.ts';
import { lostKeysView } from '../live/lost-keys.ts';
import { offsetChangesView } from '../live/offset-changes.ts';
import { placesView } from '../live/places.ts';
import { waitingLinesView } from '../live/waiting-lines.ts';

/** What a node asks to be told of while it does the work. */
export type Listeners = { readonly folded: () => void; readonly offsetsChanged: () => void };

/** The live views of a node, which follow the log from their making on. */
export const startViews = (options: { store: EventStore; keyring: Keyring; clock: Clock; clockSpeed: number; log: Logger }) => {
  const { store, keyring, clock, clockSpeed, log } = options;
  const silent: Listeners = { folded: () => {}, offsetsChanged: () => {} };
  let listeners = silent;
  const configuration = configurationView();
  const access = accessView();
  const agents = agentsView(clockSpeed);
  const places = placesView();
  const lines = waitingLinesView(configuration.current, clock);
  const views = [configuration, access, agents, places, lines, lostKeysView(keyring), offsetChangesView(() => listeners.offsetsChanged())];
  const feed = followLive(store, views, { log, applied: () => listeners.folded() });
  return {
    ...{ configuration, access, agents, places, lines, feed },
    agentsChanged: () => listeners.folded(),
    /** One at a time hears; the answer stops it. */
    listen: (heard: Listeners): (() => void) => {
      listeners = heard;
      return () => {
        listeners = silent;
      };
    },
  };
};
export type Views = ReturnType<typeof startViews>;
