import { type Kysely, sql } from 'kysely';
import type { Clock } from '../clock.ts';
import { DISPATCH_STREAM } from '../domain/dispatch/events.ts';
import { KEPT_DEPARTURES } from '../domain/waits/estimated-wait.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { AgentsView } from '../live/agents.ts';
import { type BookingCounts, COUNTED_MS } from '../live/booking-counts.ts';
import type { DeparturesView } from '../live/departures.ts';
import type { DoNotCallView } from '../live/do-not-call.ts';
import { type PlacesView, REMEMBERED_DAYS } from '../live/places.ts';
import type { WaitingLines } from '../live/waiting-lines.ts';
import { callbackDetails } from '../projections/callback-details.ts';
import { doNotCallList } from '../projections/do-not-call.ts';
import { readBuilds } from '../projections/kit/builds.ts';
import type { Projection } from '../projections/kit/projection.ts';
import { type HeldPlace, placesHeld } from '../projections/places-held.ts';
import { trackedOf, type WaitingLineRow, waitingLine } from '../projections/waiting-line.ts';

const DAY_MS = 86_400_000;
const PAGE = 5_000;

export type SeedOptions = {
  readonly db: Kysely<unknown>;
  readonly store: Pick<EventStore, 'lastOf' | 'idAt'>;
  readonly clock: Clock;
  readonly lines: WaitingLines;
  readonly places: PlacesView;
  readonly departures: DeparturesView;
  readonly agents: Pick<AgentsView, 'seed' | 'forgottenBefore'>;
  readonly bookings: BookingCounts;
  readonly doNotCall: Pick<DoNotCallView, 'seed'>;
  /** The queues there are. */
  readonly queues: readonly string[];
};
/** Where each view's seed ends, that of departures for bookings and agents, too; undefined for one that folds the log from its start. */
export type Seeded = { readonly [V in 'lines' | 'places' | 'departures' | 'doNotCall']: bigint | undefined };

export const UNSEEDED: Seeded = { lines: undefined, places: undefined, departures: undefined, doNotCall: undefined };

type CountedRow = {
  readonly key: string;
  readonly api_key_id: string;
  readonly queue: string;
  readonly number_hash: string | null;
  readonly booked_at: Date;
};

/** What API keys booked in the last 24 hours, page by page in order of time. */
const seedBookings = async (tx: Kysely<unknown>, bookings: BookingCounts, now: number): Promise<void> => {
  for (let [after, key] = [new Date(now - COUNTED_MS), '']; ; ) {
    const { rows } = await sql<CountedRow>`
      select key, api_key_id, queue, number_hash, booked_at from callback_details
      where (booked_at, key) > (${after}, ${key}) and api_key_id is not null order by booked_at, key limit ${PAGE}`.execute(tx);
    for (const { api_key_id: client, queue, number_hash, booked_at } of rows)
      bookings.seed({ client, queue, numberHash: number_hash ?? undefined, at: booked_at.getTime() });
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    [after, key] = [last.booked_at, last.key];
  }
};

/** Who was connected so lately that what a source said of him before may still count. */
const seedAgents = async (tx: Kysely<unknown>, agents: SeedOptions['agents'], queues: readonly string[], now: number): Promise<void> => {
  const { rows } = await sql<{ connected_at: Date; agent: string }>`
    select connected_at, attempt->>'agentId' as agent
    from unnest(${queues}::text[]) as queues (name) join callback_details on queue = name and connected_at >= ${new Date(agents.forgottenBefore(now))},
      lateral jsonb_array_elements(attempts) as attempt
    where attempt->>'agentId' is not null order by connected_at`.execute(tx);
  for (const { connected_at, agent } of rows) agents.seed(agent, connected_at.getTime());
};

/** The entries of the do-not-call list, page by page. */
const seedDoNotCall = async (tx: Kysely<unknown>, doNotCall: SeedOptions['doNotCall']): Promise<void> => {
  for (let after = ''; ; ) {
    const { rows } = await sql<{ key: string }>`select key from do_not_call where key > ${after} order by key limit ${PAGE}`.execute(tx);
    for (const { key } of rows) doNotCall.seed(key);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.key;
  }
};

/**
 * Fills the live views from the tables, each at its table's checkpoint, so that a start doesn't read the whole log. A table of another log,
 * one that isn't there yet, one of another version, which may say what this one says otherwise, or a Postgres that is away leaves the log to read.
 */
export const seedViews = ({
  db,
  store,
  clock,
  lines,
  places,
  departures,
  agents,
  bookings,
  doNotCall,
  queues,
}: SeedOptions): Promise<Seeded> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const { rows: known } = await sql`select 1 from information_schema.tables where table_name = 'projection_builds'`.execute(tx);
      if (known.length === 0) return UNSEEDED;
      const builds = (await readBuilds(tx)).filter(({ served, problem }) => served && problem === null);
      const checkpointOf = async ({ name, version }: Pick<Projection, 'name' | 'version'>): Promise<bigint | undefined> => {
        const checkpoint = builds.find((build) => build.name === name && build.version === version)?.checkpoint;
        if (checkpoint === undefined) return undefined;
        const id = await store.idAt(checkpoint.position);
        return id !== undefined && (checkpoint.eventId === null || checkpoint.eventId === id) ? checkpoint.position : undefined;
      };

      const seeded = {
        lines: await checkpointOf(waitingLine),
        places: await checkpointOf(placesHeld),
        departures: await checkpointOf(callbackDetails),
        doNotCall: await checkpointOf(doNotCallList),
      };
      if (seeded.lines !== undefined) {
        const dispatched = await store.lastOf(DISPATCH_STREAM);
        lines.seed([], dispatched !== undefined && dispatched.position <= seeded.lines ? dispatched.revision : undefined);
        for (let after = ''; ; ) {
          const { rows } = await sql<WaitingLineRow>`
            select *, to_char(entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as entered_at,
              to_char(deferred_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as deferred_until
            from waiting_line where key > ${after} order by key limit ${PAGE}`.execute(tx);
          lines.seed(rows.map(trackedOf), lines.dispatchRevision());
          const last = rows.at(-1);
          if (last === undefined || rows.length < PAGE) break;
          after = last.key;
        }
      }
      if (seeded.places !== undefined) {
        const from = new Date(clock.now() - REMEMBERED_DAYS * DAY_MS);
        const { rows } = await sql<{ key: string; holds: HeldPlace[] }>`select key, holds from places_held where last >= ${from}`.execute(
          tx,
        );
        for (const { key: callbackId, holds } of rows)
          for (const { holdId, queue, instant } of holds) places.seed(queue, holdId, { callbackId, instant: Date.parse(instant) });
      }
      if (seeded.departures !== undefined) {
        const { rows } = await sql<{ queue: string; connected_at: Date }>`
          select name as queue, connected_at from unnest(${queues}::text[]) as queues (name), lateral (
            select connected_at from callback_details where queue = name and connected_at is not null
            order by connected_at desc limit ${KEPT_DEPARTURES}) as left_last
          order by connected_at`.execute(tx);
        for (const { queue, connected_at } of rows) departures.record(queue, connected_at.getTime());
        await seedAgents(tx, agents, queues, clock.now());
        await seedBookings(tx, bookings, clock.now());
      }
      if (seeded.doNotCall !== undefined) await seedDoNotCall(tx, doNotCall);
      return seeded;
    });
