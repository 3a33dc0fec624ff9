import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { iso, startClock } from '../../src/clock.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import { initialConfiguration } from '../../src/domain/configuration/state.ts';
import { DISPATCH_STREAM } from '../../src/domain/dispatch/events.ts';
import { placesStream } from '../../src/domain/places/decider.ts';
import { agentsView } from '../../src/live/agents.ts';
import { bookingCounts } from '../../src/live/booking-counts.ts';
import { departuresView } from '../../src/live/departures.ts';
import { doNotCallView } from '../../src/live/do-not-call.ts';
import { followLive } from '../../src/live/follow.ts';
import { placesView } from '../../src/live/places.ts';
import { waitingLinesView } from '../../src/live/waiting-lines.ts';
import { callbackDetails } from '../../src/projections/callback-details.ts';
import { doNotCallList } from '../../src/projections/do-not-call.ts';
import { startProjections } from '../../src/projections/kit/engine.ts';
import { tableModel } from '../../src/projections/kit/model.ts';
import { placesHeld } from '../../src/projections/places-held.ts';
import { waitingLine } from '../../src/projections/waiting-line.ts';
import { seedViews, UNSEEDED } from '../../src/service/seed-views.ts';
import { example } from '../laws/example.ts';
import { context, embeddedDatabase, freshStore, silent, type TestDatabase, type TestStore } from '../projections/kit/stack.ts';

const NOW = Date.parse('2026-03-20T10:00:00.000Z');
const DAY_MS = 86_400_000;
const clock = { now: () => NOW, at: () => () => {} };
const queues = ['sales', 'quiet'];

let database: TestDatabase;
let log: TestStore;
beforeAll(async () => {
  database = await embeddedDatabase();
  log = await freshStore();
});
afterAll(async () => {
  await log.close();
  await database.close();
});

const client = { kind: 'client', id: 'key-1', name: 'web' } as const;
const numberOn = (day: number): string => `number of day ${day}`;

/** Of every ten callbacks some wait, some are on their way or with an agent, and some are over; each booked a place, and some moved. */
const lives = async (from: number, to: number) => {
  for (let n = from; n < to; n++) {
    const id = `c${n}`;
    const queue = queues[n % 3 === 0 ? 1 : 0] ?? '';
    const at = iso(NOW - (60 - n) * (n < 10 ? 4 * DAY_MS : 60_000)); // the first of them long ago
    const attemptId = attemptIdOf(id, 1);
    const own = (...events: DomainEvent[]) => log.append(callbackStream(id), ...events);
    const place = { queue, callbackId: id, at };
    const instant = iso(NOW + (n % 5) * DAY_MS);
    const taken = (holdId: string) => example('PlaceTaken', { ...place, holdId, instant, day: instant.slice(0, 10) });
    await log.append(placesStream(queue, instant.slice(0, 10)), taken(`${id}-1`));
    if (n % 4 === 0)
      await log.append(
        placesStream(queue, instant.slice(0, 10)),
        taken(`${id}-2`),
        example('PlaceGivenBack', { ...place, holdId: `${id}-1`, instant }),
      );
    const booked = example('CallbackBooked', {
      ...{ queue, keyId: id, at },
      ...(n % 2 === 0 ? { overrides: { priority: n % 7, routePoint: null, surveyRoutePoint: null } } : {}),
      ...(n % 5 === 0 ? {} : { numberHash: numberOn(Math.floor(Date.parse(at) / DAY_MS)) }),
    });
    const by = n % 3 === 0 ? context() : { ...context(), actor: client };
    await log.store.append(callbackStream(id), [booked], 'any', by);
    if (n % 10 > 1) await own(example('CallbackQueued', { queue, at }));
    if (n % 10 > 4) await log.append(DISPATCH_STREAM, example('AttemptDecided', { queue, callbackId: id, attemptId, attempt: 1, at }));
    if (n % 10 > 5) await own(example('CallbackAttemptStarted', { queue, attemptId, attempt: 1, at }));
    if (n % 10 > 6) await own(example('CallbackConnected', { queue, attemptId, agentId: `a${n}`, at }));
    if (n % 10 > 8) await own(example('CallbackCompleted', { queue, at }));
  }
};

const make = () => {
  const departures = departuresView();
  return {
    departures,
    agents: agentsView(10), // of a clock that runs so fast that what was said 50 minutes ago isn't forgotten
    bookings: bookingCounts(),
    doNotCall: doNotCallView(),
    places: placesView(),
    lines: waitingLinesView(() => initialConfiguration, clock, departures),
  };
};
/** What the views say, once they have followed the log to its end. */
const said = async ({ departures, agents, bookings, places, lines }: ReturnType<typeof make>, after: typeof UNSEEDED) => {
  const views = [
    { view: departures, after: after.departures },
    { view: agents, after: after.departures },
    { view: bookings, after: after.departures },
    { view: places, after: after.places },
    { view: lines, after: after.lines },
  ];
  const feed = followLive(log.store, views, { log: silent, applied: () => undefined });
  onTestFinished(feed.close);
  await feed.caughtUp;
  const reportedAt = NOW - 45 * 60_000;
  const told = Array.from({ length: 60 }, (_, n) => ({ id: `a${n}`, state: 'READY' as const, queues: [`q${n}`], skills: {}, reportedAt }));
  agents.merge({ source: 'pbx', sequence: 1, heardAt: NOW, fullAt: 0, agents: told });
  const days = Array.from({ length: 6 }, (_, n) => iso(NOW + n * DAY_MS).slice(0, 10));
  return {
    gaps: queues.map(departures.meanGapSeconds),
    ready: agents.groups(NOW).map(({ profile }) => [...profile.queues][0]),
    waits: queues.map(lines.estimatedWait),
    held: queues.flatMap((queue) =>
      days.map((day) => [queue, day, [...places.heldOn(queue, day)].sort((a, b) => (a.callbackId < b.callbackId ? -1 : 1))]),
    ),
    lines: queues.map((queue) => [...lines.inOrder(queue, NOW)]),
    flying: [...lines.inFlight()].sort(),
    open: queues.map(lines.openCallbacks),
    dispatched: lines.dispatchRevision(),
    booked: queues
      .flatMap((queue) =>
        [5, 10, 20, 30, 60].map((most) =>
          bookings.reserve({
            ...{ client: client.id, queue, callbackId: 'next', now: NOW, numberOn },
            limits: { immediatePerNumberPerDay: most, bookingsPerQueuePerMinute: 1 },
          }),
        ),
      )
      .map((room) => (room.ok ? 'room' : room.refusal)),
  };
};

it('views that are seeded from the tables and follow the log say what those say that folded all of it', async () => {
  await lives(0, 40);
  const models = [callbackDetails, waitingLine, placesHeld, doNotCallList].map((projection) => tableModel(projection));
  const engine = startProjections({ db: database.db, store: log.store, clock: startClock(), models, log: silent });
  await engine.caughtUp();
  await engine.close();
  await lives(40, 60); // which the tables don't have yet
  const views = make();
  const seeded = await seedViews({ db: database.kysely, store: log.store, clock, queues, ...views });
  expect(Object.values(seeded)).not.toContain(undefined);
  const fromTables = await said(views, seeded);
  const fromLog = await said(make(), UNSEEDED);
  expect(fromTables).toEqual(fromLog);
  expect(fromLog.gaps).not.toContain(undefined);
  expect(fromLog.ready).toEqual(expect.arrayContaining(['q9', 'q36']));
  for (const connected of ['q17', 'q38', 'q59']) expect(fromLog.ready).not.toContain(connected);
  expect(new Set(fromLog.booked.map((room) => (room === 'room' ? room : room.limit)))).toEqual(new Set(['room', 'number', 'queue']));
  expect(fromLog.lines.map(({ length }) => length > 0)).toEqual([true, true]);
});

it('tables of another log seed nothing', async () => {
  const other = await freshStore();
  onTestFinished(other.close);
  const seeded = await seedViews({ db: database.kysely, store: other.store, clock, queues, ...make() });
  expect(seeded).toEqual(UNSEEDED);
});

it('a table of another version seeds nothing, and the others go on to', async () => {
  const serve = (version: number) =>
    sql`update projection_builds set version = ${version} where name = 'waiting_line' and served`.execute(database.kysely);
  await serve(waitingLine.version - 1);
  onTestFinished(() => serve(waitingLine.version).then(() => undefined));
  const views = make();
  const seeded = await seedViews({ db: database.kysely, store: log.store, clock, queues, ...views });
  expect(seeded.lines).toBeUndefined();
  expect(seeded.places).toBeDefined();
  expect(queues.map(views.lines.openCallbacks)).toEqual([0, 0]);
  expect(await said(views, seeded)).toEqual(await said(make(), UNSEEDED));
});
