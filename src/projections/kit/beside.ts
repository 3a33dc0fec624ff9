import type { EventStore, Feed } from '../../eventstore/event-store.ts';
import { type Fed, positionOf } from './batch.ts';
import { type Build, earliestOf } from './builds.ts';
import { bulkFold } from './bulk.ts';
import type { Database } from './database.ts';
import { isItem, openLog } from './log-source.ts';
import type { Model } from './model.ts';
import { feedWithoutPersonal } from './personal.ts';
import { fedOf } from './prepare.ts';
import { type Persistence, retrying } from './retrying.ts';

/** How far a rebuild has come. Rates are in the machine's time; `secondsLeft` is null until it can be told. */
export type RebuildProgress = {
  readonly names: readonly string[];
  readonly phase: 'reading' | 'indexing' | 'catching-up' | 'done';
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly position: bigint | undefined;
  readonly secondsLeft: number | null;
};

/** A build that is to be folded. */
export type Begun = Build & { readonly model: Model };

export type BesideOptions = Persistence & {
  readonly db: Database;
  readonly store: Pick<EventStore, 'follow' | 'lastPosition'>;
  /** Never overtake this position; undefined for no limit. */
  readonly limit: () => bigint | undefined;
  readonly onProgress?: ((progress: RebuildProgress) => void) | undefined;
  /** Rows in memory over all builds, at most, between two writes. */
  readonly cacheRows: number;
};

export type Beside = {
  /** Folds everything up to exactly `position`, and writes it. */
  readonly catchUpTo: (position: bigint | undefined) => Promise<void>;
  readonly builds: () => readonly Fed[];
  readonly close: () => Promise<void>;
};

const PROGRESS_MS = 1_000;

/** Measures how fast a rebuild goes, and how long it will take. */
const gauge = (names: readonly string[], from: bigint, to: bigint | undefined) => {
  const begun = performance.now();
  let events = 0;
  return {
    count: (more: number) => {
      events += more;
    },
    at: (phase: RebuildProgress['phase'], position: bigint | undefined): RebuildProgress => {
      const seconds = (performance.now() - begun) / 1_000;
      const share = to === undefined || position === undefined || to <= from ? 1 : Number(position - from) / Number(to - from);
      const secondsLeft = phase !== 'reading' || share >= 1 ? 0 : share <= 0 ? null : (seconds * (1 - share)) / share;
      return { names, phase, events, eventsPerSecond: seconds === 0 ? 0 : events / seconds, position, secondsLeft };
    },
  };
};

/**
 * Folds builds of these models from the log, beside what is served, until they have caught up; then makes their indexes.
 * What an earlier run had written is kept. Answers builds that still follow the log only as they are told to.
 */
export const buildBeside = async (options: BesideOptions, begun: readonly Begun[]): Promise<Beside> => {
  const { db, store, signal, log, limit, onProgress, cacheRows } = options;
  const persistence = { signal, log };
  const feds = await retrying('reading builds', persistence, () => Promise.all(begun.map((build) => fedOf(db, build.model, build))));
  const each = Math.ceil(cacheRows / begun.length);
  const bulks = feds.map((fed) => bulkFold({ db, store, ...persistence, cacheRows: each }, fed));
  const after = earliestOf(feds.map(({ checkpoint }) => checkpoint));
  const personal = feds.some(({ model }) => model.projection.personal);
  const source = openLog({ ...persistence, store, after, personal });
  let writing: Promise<unknown> = Promise.resolve(); // one flush runs beside the reading, of all, so that an interrupted run loses little
  const piece = Math.ceil(cacheRows / 4); // over all: a model with many rows doesn't make the others write what they will soon change
  let position = after;
  const end = await retrying('asking the event store', persistence, store.lastPosition);
  const meter = gauge(
    feds.map(({ model }) => model.projection.name),
    after ?? 0n,
    end,
  );
  const report = (phase: RebuildProgress['phase']) => onProgress?.(meter.at(phase, position));

  /** Folds the next items; answers whether the log's end was reached. */
  const step = async (upTo: bigint | undefined): Promise<boolean> => {
    const feed: readonly Feed[] = await source.take(upTo);
    signal.throwIfAborted();
    const items = feed.filter(isItem);
    const closed = feedWithoutPersonal(items);
    for (const [i, bulk] of bulks.entries()) {
      await bulk.fold(feds[i]?.model.projection.personal ? items : closed);
    }
    if (bulks.reduce((rows, bulk) => rows + bulk.unwritten(), 0) >= piece) {
      await writing;
      writing = Promise.all(bulks.map((bulk) => bulk.flush()));
      writing.catch(() => undefined); // the next to await it hears of it
    }
    const last = items.at(-1);
    if (last !== undefined) position = positionOf(last);
    meter.count(items.length);
    return feed.length > items.length;
  };
  const flushAll = () => Promise.all(bulks.map((bulk) => bulk.flushAll()));
  const reached = (upTo: bigint) => position !== undefined && position >= upTo;

  /** Takes what there is up to what is served by then; what comes meanwhile isn't waited for. */
  const catchUp = async () => {
    const upTo = limit();
    if (upTo !== undefined) while (!reached(upTo)) await step(upTo);
    await flushAll();
  };

  try {
    report('reading');
    let reported = performance.now();
    const upTo = limit();
    for (let atEnd = false; !atEnd && !(upTo !== undefined && reached(upTo)); ) {
      atEnd = await step(upTo);
      if (performance.now() - reported >= PROGRESS_MS) {
        reported = performance.now();
        report('reading');
      }
    }
    await flushAll();
    report('indexing');
    for (const { model, table } of feds) await retrying(`indexing ${table}`, persistence, () => model.index(db, table));
    report('catching-up');
    await catchUp();
  } catch (error) {
    await source.close();
    throw error;
  }
  return {
    catchUpTo: async (upTo) => {
      if (upTo !== undefined) while (!reached(upTo)) await step(upTo);
      await flushAll();
      report('done');
    },
    builds: () => bulks.map((bulk) => bulk.written()),
    close: source.close,
  };
};
