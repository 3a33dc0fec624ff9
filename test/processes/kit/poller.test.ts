import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, startClock } from '../../../src/clock.ts';
import { processStream } from '../../../src/domain/operations/events.ts';
import type { ClaimKey } from '../../../src/processes/kit/claims.ts';
import { NotYetError } from '../../../src/processes/kit/not-yet.ts';
import { isParked, parkedCounts, parkedEntries } from '../../../src/processes/kit/parked.ts';
import { type Due, type Poller, type PollerOptions, startPoller } from '../../../src/processes/kit/poller.ts';
import { processModel, type TodoChanges } from '../../../src/processes/kit/process-model.ts';
import { type Projections, startProjections } from '../../../src/projections/kit/engine.ts';
import { noRealPostgres } from '../../projections/kit/real-postgres.ts';
import { placed, queued, requeued } from '../../projections/kit/samples.ts';
import {
  context,
  embeddedDatabase,
  freshStore,
  listening,
  realDatabase,
  silent,
  type TestDatabase,
  type TestStore,
  until,
} from '../../projections/kit/stack.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { calls } from './samples.ts';

const suites = [
  { title: 'the embedded Postgres', start: embeddedDatabase, skip: false },
  {
    title: `a real Postgres${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`,
    start: realDatabase,
    skip: noRealPostgres !== undefined,
  },
];
const START = Date.UTC(2026, 2, 1, 10, 0, 0);
const second = 1_000;

describe.each(suites)('what processes owe, on $title', ({ start, skip }) => {
  if (skip) return it.skip('is tested where its binaries are', () => undefined);
  let database: TestDatabase;
  let log: TestStore;
  let engine: Projections | undefined;
  let pollers: Poller[] = [];
  let listeners: ((changes: TodoChanges) => void)[] = [];

  beforeAll(async () => {
    database = await start();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.clear();
    log = await freshStore();
  });
  afterEach(async () => {
    for (const poller of pollers) await poller.close();
    pollers = [];
    listeners = [];
    await engine?.close();
    await log.close();
  });

  const project = async () => {
    engine = startProjections({
      ...{ db: database.db, store: log.store, clock: startClock(), log: silent },
      models: [
        processModel(calls, (changes) => {
          for (const listener of listeners) listener(changes);
        }),
      ],
    });
    await engine.caughtUp();
  };
  const poll = (clock: Clock, options: Partial<PollerOptions> = {}) => {
    const done: Due[] = [];
    const poller = startPoller({
      ...{ db: database.db, processes: ['calls'], clock, random: () => 0.5, log: silent, offsetOf: () => 0 },
      execute: async (due) => void done.push(due),
      ...options,
    });
    pollers.push(poller);
    listeners.push(poller.changed);
    return { poller, done };
  };
  const seen = async (position: bigint) => expect(await engine?.waitFor(position, 20_000)).toBe(true);
  const entries = async () =>
    (await sql<Record<string, unknown>>`select instance, entry, "group", command, cause from todo order by instance`.execute(database.db))
      .rows;
  const operate = async (type: 'ParkedEntryRetried' | 'ParkedEntryDropped', parked: ClaimKey | undefined) => {
    if (parked === undefined) throw new Error('nothing is parked');
    const { process, instance, entry, cause } = parked;
    const at = new Date(START).toISOString();
    const appended = await log.store.append(
      processStream(process),
      [{ type, data: { process, instance, entry, cause, at } }],
      'any',
      context(),
    );
    if (!appended.ok) throw new Error('refused');
    return appended;
  };
  const claims = async () => (await sql<Record<string, unknown>>`select * from todo_claims order by instance`.execute(database.db)).rows;

  it('an entry is made by one fact, made anew by another, and removed by a third; nothing is left then', async () => {
    await project();
    await seen(await log.append('callback-a', queued('q')));
    const [made] = await entries();
    expect(made).toMatchObject({ instance: 'callback-a', entry: 'call', group: 'call:q', command: { type: 'Requeue', id: 'callback-a' } });
    await seen(await log.append('callback-a', requeued('q', 0)));
    expect(await entries()).toEqual([made]);
    await seen(await log.append('callback-a', requeued('q', 5)));
    const [renewed] = await entries();
    expect(renewed?.cause).not.toBe(made?.cause);
    await seen(await log.append('callback-a', placed('q', 'a.1')));
    expect(await entries()).toEqual([]);
    expect((await sql`select * from calls_v1`.execute(database.db)).rows).toEqual([]);
  });

  it('an entry is due at its anchor plus what its group says when looked at', async () => {
    const clock = manualClock(START);
    await project();
    let offset = 10 * second;
    const { poller, done } = poll(clock, { offsetOf: (group) => (group === 'call:q' ? offset : Number.POSITIVE_INFINITY) });
    await seen(await log.append('callback-a', queued('q', 0)));
    await seen(await log.append('callback-b', queued('q', 5)));
    await seen(await log.append('callback-c', queued('never', 0)));
    await until(() => clock.waiting() > 0);
    await clock.advanceTo(START + 9 * second);
    expect(done).toEqual([]);
    await clock.advanceTo(START + 10 * second);
    await until(() => done.length === 1);
    expect(done).toMatchObject([{ process: 'calls', instance: 'callback-a', entry: 'call', correlationId: 'correlation', tries: 1 }]);
    offset = 2 * second;
    poller.offsetsChanged();
    await until(() => done.length === 2);
    expect(done[1]).toMatchObject({ instance: 'callback-b' });
  });

  it('an entry that is due already is done without time passing', async () => {
    const clock = manualClock(START + 60 * second);
    await project();
    const { done } = poll(clock);
    await seen(await log.append('callback-a', queued('q', 0)));
    await until(() => done.length === 1);
    await seen(await log.append('callback-b', queued('q', 1)));
    await until(() => done.length === 2);
  });

  it('what succeeded is not done again, and its claim goes with the entry', async () => {
    const clock = manualClock(START + 60 * second);
    await project();
    const { done } = poll(clock, {
      execute: async (due) => {
        done.push(due);
        await log.append(due.instance, placed('q', 'a.1'));
      },
    });
    await log.append('callback-a', queued('q', 0));
    await until(() => done.length === 1);
    await until(async () => (await entries()).length === 0);
    await until(async () => (await claims()).length === 0);
    await clock.advanceBy(3_600 * second);
    expect(done).toHaveLength(1);
  });

  it('what no fact removed is done again after its lease, and parked in the end', async () => {
    const clock = manualClock(START + 60 * second);
    await project();
    const { done } = poll(clock, { leaseMs: 10 * second, maxTries: 2 });
    await log.append('callback-a', queued('q', 0));
    await until(() => done.length === 1);
    await clock.advanceBy(9 * second);
    expect(done).toHaveLength(1);
    await clock.advanceBy(2 * second);
    await until(() => done.length === 2);
    await until(() => clock.waiting() > 0);
    await clock.advanceBy(60 * second);
    await until(async () => (await parkedEntries(database.db, 10)).length === 1);
    expect(done.map(({ tries }) => tries)).toEqual([1, 2]);
    expect(await parkedEntries(database.db, 10)).toMatchObject([
      { process: 'calls', instance: 'callback-a', tries: 3, lastError: 'done, but no fact removed it' },
    ]);
  });

  it('a failure is tried again later and later, then parked without its message; retry gives all tries again', async () => {
    const clock = manualClock(START + 60 * second);
    const { log: logger, said } = listening();
    await project();
    let fails = true;
    const instants: number[] = [];
    poll(clock, {
      log: logger,
      maxTries: 3,
      execute: async () => {
        instants.push((clock.now() - START) / second - 60);
        if (fails) throw new RangeError('+12025550101');
      },
    });
    await log.append('callback-a', queued('q', 0));
    for (const tries of [1, 2]) {
      await until(() => instants.length === tries && clock.waiting() > 0);
      await clock.advanceBy(second * 2 ** (tries - 1));
    }
    await until(async () => (await parkedEntries(database.db, 10)).length === 1);
    const [parked] = await parkedEntries(database.db, 10);
    expect(instants).toEqual([0, 1, 3]);
    expect(parked).toMatchObject({ tries: 3, lastError: 'RangeError' });
    expect(said.join()).not.toContain('2025550101');
    await clock.advanceBy(3_600 * second);
    expect(instants).toHaveLength(3);
    fails = false;
    const { position, ids } = await operate('ParkedEntryRetried', parked);
    await seen(position);
    await until(() => instants.length === 4);
    expect((await entries()).map(({ cause }) => cause)).toEqual(ids);
    expect(parked && (await isParked(database.db, parked))).toBe(false);
    expect(await parkedEntries(database.db, 10)).toEqual([]);
  });

  it('what can’t be done yet is tried again every while, with no try counted, until it can be: it is never parked for that', async () => {
    const clock = manualClock(START + 60 * second);
    await project();
    const tried: number[] = [];
    let isThere = false;
    poll(clock, {
      maxTries: 2,
      execute: async ({ instance, tries }) => {
        tried.push(tries);
        if (!isThere) throw new NotYetError('what it needs isn’t there');
        await log.append(instance, placed('q', 'a.1'));
      },
    });
    await log.append('callback-a', queued('q', 0));
    const aWhile = async () => {
      await until(() => clock.waiting() > 0);
      await clock.advanceBy(second);
    };
    while (tried.length < 6) await aWhile();
    isThere = true;
    while ((await entries()).length > 0) await aWhile();
    expect(new Set(tried)).toEqual(new Set([1]));
    expect(await parkedEntries(database.db, 10)).toEqual([]);
  });

  it('a dropped entry is never done, nor shown, again, also after a rebuild and with the claims lost; made anew by a fact it is', async () => {
    const clock = manualClock(START + 60 * second);
    await project();
    let tries = 0;
    const { poller } = poll(clock, {
      maxTries: 1,
      execute: async () => {
        tries++;
        throw new Error('no');
      },
    });
    await log.append('callback-a', queued('q', 0));
    await until(async () => (await parkedEntries(database.db, 10)).length === 1);
    const [parked] = await parkedEntries(database.db, 10);
    expect(await parkedCounts(database.db)).toEqual([{ process: 'calls', count: 1 }]);
    await seen((await operate('ParkedEntryDropped', parked)).position);
    expect(await parkedEntries(database.db, 10)).toEqual([]);
    expect(await parkedCounts(database.db)).toEqual([]);
    await poller.close();
    await sql`delete from todo_claims`.execute(database.db);
    await engine?.rebuild(['calls']);
    expect(await engine?.verify(['calls'])).toMatchObject([{ differing: [] }]);
    const { done } = poll(clock);
    await seen(await log.append('callback-b', queued('q', 1)));
    await until(() => done.length === 1);
    await clock.advanceBy(3_600 * second);
    expect(tries).toBe(1);
    expect(done.filter(({ instance }) => instance === 'callback-a')).toEqual([]);
    await seen(await log.append('callback-a', requeued('q', 5)));
    await until(() => done.some(({ instance }) => instance === 'callback-a'));
  });

  it('a decision about an entry that was made anew meanwhile changes nothing', async () => {
    await project();
    await seen(await log.append('callback-a', queued('q', 0)));
    const [before] = await entries();
    await seen(await log.append('callback-a', requeued('q', 5)));
    const made = await entries();
    const parked = { process: 'calls', instance: 'callback-a', entry: 'call', cause: String(before?.cause) };
    await seen((await operate('ParkedEntryDropped', parked)).position);
    await seen((await operate('ParkedEntryRetried', { ...parked, process: 'others', cause: String(made[0]?.cause) })).position);
    expect(await entries()).toEqual(made);
  });

  it('what a poller had claimed when it was killed is done at once by one that knows to be alone, and its try counts', async () => {
    const clock = manualClock(START + 60 * second);
    for (const id of ['a', 'b']) await log.append(`callback-${id}`, queued('q', 0));
    await project();
    let failed = 0;
    const killed = poll(clock, {
      leaseMs: 3_600 * second,
      execute: async ({ instance }) => {
        if (instance === 'callback-a') return new Promise(() => undefined); // never ends
        failed++;
        throw new Error('again after a pause');
      },
    });
    await until(async () => failed === 1 && (await claims()).some(({ last_error }) => last_error !== null));
    pollers = pollers.filter((poller) => poller !== killed.poller); // as if it were dead
    listeners = [];
    const next = poll(clock, { alone: true });
    await until(() => next.done.length === 1);
    expect(next.done).toMatchObject([{ instance: 'callback-a', tries: 2 }]);
    expect((await claims()).find(({ instance }) => instance === 'callback-b')).toMatchObject({ tries: 1 });
  });

  it('entries of a process that is not its own are left alone', async () => {
    const clock = manualClock(START + 60 * second);
    await project();
    const other = poll(clock, { processes: ['others'] });
    await seen(await log.append('callback-a', queued('q', 0)));
    const own = poll(clock);
    await until(() => own.done.length === 1);
    await clock.advanceBy(3_600 * second);
    expect(other.done).toEqual([]);
  });

  it('no more than its share runs at once', async () => {
    const clock = manualClock(START + 60 * second);
    let most = 0;
    let now = 0;
    let done = 0;
    for (let i = 0; i < 30; i++) await log.append(`callback-${i}`, queued('q', 0));
    await project();
    poll(clock, {
      concurrency: 4,
      execute: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        done++;
      },
    });
    await until(() => done === 30);
    expect(most).toBe(4);
  });

  it('a poller that starts finds what is due, and what another held when it died', async () => {
    const clock = manualClock(START + 60 * second);
    await log.append('callback-a', queued('q', 0));
    await log.append('callback-b', queued('q', 120));
    await project();
    const first = poll(clock);
    await until(() => first.done.length === 1);
    await first.poller.close();
    listeners = [];
    const second_ = poll(clock);
    await until(() => clock.waiting() > 0);
    await clock.advanceBy(29 * second);
    expect(second_.done).toEqual([]);
    await clock.advanceBy(2 * second);
    await until(() => second_.done.length === 1);
    expect(second_.done).toMatchObject([{ instance: 'callback-a', tries: 2 }]);
    await until(() => clock.waiting() > 0);
    await clock.advanceTo(START + 125 * second);
    await until(() => second_.done.some(({ instance }) => instance === 'callback-b'));
  });

  it('what a poller had claimed and not begun when it was closed is done at once by the next', async () => {
    const clock = manualClock(START + 60 * second);
    for (let i = 0; i < 6; i++) await log.append(`callback-${i}`, queued('q', 0));
    await project();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const begun: string[] = [];
    const first = poll(clock, {
      concurrency: 3,
      execute: async ({ instance }) => {
        begun.push(instance);
        await held;
      },
    });
    await until(() => begun.length === 3);
    const closed = first.poller.close();
    release();
    await closed;
    expect(begun).toHaveLength(3);
    const next = poll(clock);
    await until(() => next.done.length === 3);
    expect(new Set([...begun, ...next.done.map(({ instance }) => instance)]).size).toBe(6);
    expect(next.done.map(({ tries }) => tries)).toEqual([1, 1, 1]);
  });

  it('two pollers never do the same entry at the same time', async () => {
    const clock = manualClock(START + 60 * second);
    for (let i = 0; i < 60; i++) await log.append(`callback-${i}`, queued(`q${i % 3}`, 0));
    await project();
    const one = poll(clock, { concurrency: 3 });
    const other = poll(clock, { concurrency: 3 });
    await until(() => one.done.length + other.done.length >= 60);
    await clock.settle();
    expect(new Set([...one.done, ...other.done].map(({ instance }) => instance)).size).toBe(60);
    expect(one.done.length + other.done.length).toBe(60);
  });

  it('while the to-do lists are behind the log, nothing is done', async () => {
    const clock = manualClock(START + 60 * second);
    let behind = true;
    await log.append('callback-a', queued('q', 0));
    await project();
    const { done } = poll(clock, { isBehind: () => behind });
    await until(() => clock.waiting() > 0);
    expect(done).toEqual([]);
    behind = false;
    await clock.advanceBy(2 * second);
    await until(() => done.length === 1);
  });

  it('on a clock that runs 600 times as fast, what is due at once is done at once', async () => {
    const clock = startClock({ start: START, speed: 600 });
    await project();
    const { done } = poll(clock, { leaseMs: 3_600 * second });
    for (let i = 0; i < 20; i++) {
      await log.append(`callback-${i}`, queued('q', 0));
      await until(() => done.length === i + 1);
    }
    expect(clock.now() - START).toBeLessThan(600 * 20 * second);
  });
});
