import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startClock } from '../../src/clock.ts';
import { processModel } from '../../src/processes/kit/process-model.ts';
import { type Projections, startProjections } from '../../src/projections/kit/engine.ts';
import { tableModel } from '../../src/projections/kit/model.ts';
import type { Event } from '../../src/projections/kit/projection.ts';
import { embeddedDatabase, silent, type TestDatabase } from '../projections/kit/stack.ts';
import { allProcesses, allProjections } from './discover.ts';
import { inChunks } from './fold.ts';
import { anyHistory } from './histories.ts';
import { memoryLog } from './memory-log.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await embeddedDatabase();
});
afterAll(() => database.close());

const names = [...allProjections, ...allProcesses].map(({ name }) => name);
const WAIT_MS = 20_000;
const PATIENCE_MS = 180_000;

const rowsOf = async (table: string) =>
  (await sql<Record<string, unknown>>`select * from ${sql.id(table)} order by key`.execute(database.db)).rows;
const servedTable = async (name: string) => {
  const found = await sql<{ table: string }>`select "table" from projection_builds where name = ${name} and served`.execute(database.db);
  return found.rows[0]?.table ?? '';
};
/** All rows of a model, with what its processes owe. */
const contents = async (table: string) => ({
  rows: await rowsOf(table),
  todo: (
    await sql<Record<string, unknown>>`select instance, entry, "group", anchor, command, cause, correlation_id, position
      from todo where source = ${table} order by 1, 2`.execute(database.db)
  ).rows,
});

type Contents = Awaited<ReturnType<typeof contents>>;

/** Rows as they were, without the personal data that is gone by now (1.13). */
const withoutLost = (name: string, then: Contents | undefined, now: Contents): Contents | undefined => {
  const { personalColumns = [] } = allProjections.find((projection) => projection.name === name) ?? {};
  const kept = (key: unknown, column: string) => (now.rows.find((row) => row.key === key)?.[column] ?? null) !== null;
  const rows = then?.rows.map((row) => ({
    ...row,
    ...Object.fromEntries(personalColumns.flatMap((column) => (kept(row.key, column) ? [] : [[column, null]]))),
  }));
  return then && { todo: then.todo, rows: rows ?? [] };
};

const withEngine = async (
  batchSize: number,
  history: readonly Event[],
  work: (engine: Projections, log: ReturnType<typeof memoryLog>) => Promise<void>,
) => {
  await database.clear();
  const log = memoryLog();
  log.append(history);
  const models = [...allProjections.map(tableModel), ...allProcesses.map((process) => processModel(process))];
  const engine = startProjections({ db: database.db, store: log.store, clock: startClock(), models, log: silent, batchSize, lingerMs: 0 });
  try {
    await engine.caughtUp();
    await work(engine, log);
  } finally {
    await engine.close();
  }
};

const sizes = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 3 });

it(
  'what was folded as it came is what a rebuild gives, for every projection and process',
  () =>
    fc.assert(
      fc.asyncProperty(anyHistory, fc.nat(60), sizes, fc.integer({ min: 1, max: 9 }), async (history, begun, chunks, batchSize) => {
        await withEngine(batchSize, history.slice(0, begun), async (engine, log) => {
          for (const chunk of inChunks(history.slice(begun), chunks)) {
            log.append(chunk);
            expect(await engine.waitFor(chunk.at(-1)?.position ?? 0n, WAIT_MS)).toBe(true);
          }
          expect(engine.progress().filter(({ blocked }) => blocked > 0)).toEqual([]);
          expect(await engine.verify()).toEqual(names.map((name) => expect.objectContaining({ name, differing: [] })));
        });
      }),
      { numRuns: 6 },
    ),
  PATIENCE_MS,
);

it(
  'what an earlier position is folded to later is what was served then, with and without a snapshot',
  () =>
    fc.assert(
      fc.asyncProperty(
        anyHistory.filter(({ length }) => length > 2),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (history, share, shareOfSnapshot) => {
          const at = Math.max(1, Math.floor(history.length * share));
          const early = Math.max(1, Math.floor(at * shareOfSnapshot));
          const position = history[at - 1]?.position ?? 0n;
          await withEngine(7, history.slice(0, early), async (engine, log) => {
            for (const [i, name] of names.entries()) if (i % 2 === 0) await engine.snapshot(name);
            log.append(history.slice(early, at));
            expect(await engine.waitFor(position, WAIT_MS)).toBe(true);
            const then = new Map<string, Contents>();
            for (const name of names) then.set(name, await contents(await servedTable(name)));
            log.append(history.slice(at));
            expect(await engine.waitFor(history.at(-1)?.position ?? 0n, WAIT_MS)).toBe(true);
            for (const name of names) {
              const { table, drop } = await engine.asOf(name, position);
              expect(await contents(table)).toEqual(withoutLost(name, then.get(name), await contents(await servedTable(name))));
              await drop();
            }
          });
        },
      ),
      { numRuns: 4 },
    ),
  PATIENCE_MS,
);
