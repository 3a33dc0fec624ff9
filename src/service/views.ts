import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { entryOf } from '../commands/do-not-call.ts';
import { ACCESS_STREAM, SIGN_OUTS_STREAM } from '../domain/access/events.ts';
import type { DomainEvent } from '../domain/catalogue.ts';
import { CONFIGURATION_STREAM } from '../domain/configuration/events.ts';
import type { Recorded } from '../domain/kit/events.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { Keyring } from '../keys/keyring.ts';
import { accessView } from '../live/access.ts';
import type { AgentReport } from '../live/agent-report.ts';
import { type AgentsView, agentsView } from '../live/agents.ts';
import { bookingCounts } from '../live/booking-counts.ts';
import { businessDaysView } from '../live/business-days.ts';
import { configurationView } from '../live/configuration.ts';
import { departuresView } from '../live/departures.ts';
import { dispatchBoard } from '../live/dispatch-board.ts';
import { doNotCallView } from '../live/do-not-call.ts';
import { type FlowReport, flowView } from '../live/flow.ts';
import { followLive } from '../live/follow.ts';
import type { Taken } from '../live/kit/taken.ts';
import type { LiveView } from '../live/live-view.ts';
import { lostKeysView } from '../live/lost-keys.ts';
import { offsetChangesView } from '../live/offset-changes.ts';
import { placesView } from '../live/places.ts';
import { type RegionsReport, regionsView } from '../live/regions.ts';
import { waitingLinesView } from '../live/waiting-lines.ts';
import { seedBusinessDays } from './seed-business-days.ts';
import { type Seeded, seedViews, UNSEEDED } from './seed-views.ts';

/** What a node asks to be told of while it does the work. */
export type Listeners = { readonly folded: () => void; readonly offsetsChanged: () => void };

export type ViewsOptions = {
  readonly store: EventStore;
  readonly keyring: Keyring;
  readonly db: Kysely<unknown>;
  readonly clock: Clock;
  readonly clockSpeed: number;
  readonly log: Logger;
};

/** Folds streams into a view, in the order of the log. */
const foldStreams = async (store: EventStore, view: LiveView, ...streamIds: string[]): Promise<void> => {
  const events: Recorded<DomainEvent>[] = [];
  for (const streamId of streamIds) for await (const event of store.readStream(streamId)) events.push(event);
  for (const event of events.sort((a, b) => (a.position < b.position ? -1 : 1))) view.apply(event);
};

/** The views that callbacks make, seeded from the tables where those can be read. */
const callbackViews = async (
  { store, db, clock, clockSpeed, log }: ViewsOptions,
  configuration: ReturnType<typeof configurationView>,
  agents: AgentsView,
) => {
  const make = () => {
    const departures = departuresView((queue) => agents.loggedIn(queue, clock.now()));
    const flow = flowView(departures.tell, clockSpeed);
    return {
      departures,
      flow,
      bookings: bookingCounts(),
      doNotCall: doNotCallView(),
      places: placesView(),
      lines: waitingLinesView(configuration.current, clock, departures, flow),
    };
  };
  const views = make();
  const seeded = await seedViews({ db, store, clock, agents, ...views, queues: [...configuration.current().queues.keys()] }).catch(
    (error): Seeded | undefined => {
      log.warn({ err: error }, 'the tables can not be read; the live views fold the whole log');
      return undefined;
    },
  );
  return seeded === undefined ? { ...make(), seeded: UNSEEDED } : { ...views, seeded };
};

/** The live views of a node, which follow the log from their making on. */
export const startViews = async (options: ViewsOptions) => {
  const { store, keyring, clock, clockSpeed, log } = options;
  const silent: Listeners = { folded: () => {}, offsetsChanged: () => {} };
  let listeners = silent;
  const configuration = configurationView();
  const businessDays = businessDaysView();
  const access = accessView();
  const agents = agentsView(clockSpeed);
  const end = await store.lastPosition();
  const both: LiveView = {
    name: 'configuration and business days',
    apply: (event) => {
      configuration.apply(event);
      businessDays.apply(event);
    },
  };
  await foldStreams(store, both, CONFIGURATION_STREAM);
  await seedBusinessDays(store, businessDays, businessDays.queues());
  await foldStreams(store, access, ACCESS_STREAM, SIGN_OUTS_STREAM);
  const { departures, flow, bookings, doNotCall, places, lines, seeded } = await callbackViews(options, configuration, agents);
  const regions = regionsView(clockSpeed);
  const board = dispatchBoard({ configuration: configuration.current, lines, agents, flow, regions });

  const feed = followLive(
    store,
    [
      { view: configuration, after: end },
      { view: businessDays, after: end },
      { view: access, after: end },
      { view: agents, after: seeded.departures },
      { view: lostKeysView(keyring), after: end },
      { view: offsetChangesView(() => listeners.offsetsChanged()), after: end },
      { view: departures, after: seeded.departures },
      { view: bookings, after: seeded.departures },
      { view: places, after: seeded.places },
      { view: lines, after: seeded.lines },
      { view: doNotCall, after: seeded.doNotCall },
    ],
    { log, applied: () => listeners.folded() },
  );
  const changed = {
    agents: () => listeners.folded(),
    flow: () => {
      listeners.folded();
      listeners.offsetsChanged();
    },
    regions: () => listeners.folded(),
  };
  const told = (taken: Taken, tell: () => void): Taken => {
    if (taken === 'TAKEN') tell();
    return taken;
  };
  return {
    ...{ configuration, businessDays, access, agents, departures, flow, regions, bookings, doNotCall, places, lines, board, feed },
    /** Whether a number (E.164) is on the do-not-call list. */
    isBarred: (phoneNumber: string): boolean => doNotCall.has(entryOf(keyring.hash, phoneNumber)),
    /** What was told of agents, live calls or regions has changed, and no event tells of it: dispatch decides on it, and waits move with it. */
    changed,
    /** Takes reports of the contact center on a node that is the only one. */
    reports: {
      agents: async (report: AgentReport): Promise<Taken> => told(agents.report(report, clock.now()), changed.agents),
      flow: async (report: FlowReport): Promise<Taken> => told(flow.report(report, clock.now()), changed.flow),
      regions: async (report: RegionsReport): Promise<Taken> => told(regions.report(report, clock.now()), changed.regions),
    },
    /** One at a time hears; the answer stops it. */
    listen: (heard: Listeners): (() => void) => {
      listeners = heard;
      return () => {
        listeners = silent;
      };
    },
  };
};
export type Views = Awaited<ReturnType<typeof startViews>>;
