import type { Fed } from './batch.ts';
import { type Begun, type Beside, type BesideOptions, buildBeside, type RebuildProgress } from './beside.ts';
import { agedTables, readBuilds } from './builds.ts';
import type { Live } from './live.ts';
import type { Model } from './model.ts';
import { isAsOfTable, isSnapshotTable, verifyTable } from './names.ts';
import { createBuild, dropBuild, publishBuild, unfinishedBuild } from './prepare.ts';
import { retrying } from './retrying.ts';

export type RebuildOptions = Omit<BesideOptions, 'limit' | 'onProgress'> & { readonly live: Live };
export type OnProgress = (progress: RebuildProgress) => void;

const beside = async (options: RebuildOptions, builds: readonly Begun[], onProgress?: OnProgress): Promise<Beside> =>
  buildBeside({ ...options, limit: () => options.live.position(builds.map(({ model }) => model)), onProgress }, builds);

/**
 * Builds these models anew from the log, beside what is served, and swaps each in one transaction; the old tables are dropped.
 * A build that an earlier run left unfinished is gone on with. Readers get the old rows or the new ones, and never none.
 */
export const rebuild = async (options: RebuildOptions, models: readonly Model[], onProgress?: OnProgress): Promise<void> => {
  const { db, live, signal, log } = options;
  const persistence = { signal, log };
  const begun: Begun[] = [];
  for (const model of models) {
    const begin = async () => unfinishedBuild(model, await readBuilds(db)) ?? (await createBuild(db, model));
    begun.push({ model, ...(await retrying(`beginning ${model.projection.name}`, persistence, begin)) });
  }
  const built = await beside(options, begun, onProgress);
  try {
    await live.change(async (fed) => {
      await built.catchUpTo(live.position(models));
      const fresh = built.builds().map((build): Fed => ({ ...build, served: true }));
      for (const { model, table } of fresh) await retrying(`publishing ${table}`, persistence, () => publishBuild(db, model, table));
      const names = new Set(models.map(({ projection }) => projection.name));
      return [...fed.filter(({ model }) => !names.has(model.projection.name)), ...fresh];
    });
  } finally {
    await built.close();
  }
  for (const model of models) {
    model.swapped?.();
    await retrying('dropping old tables', persistence, () => dropOthers(options, model));
  }
};

/**
 * Drops all builds of a model but the one served, the snapshots of its version, and the earlier positions that somebody may be looking at:
 * on any node, and for less than a day.
 */
export const dropOthers = async ({ db, live }: Pick<RebuildOptions, 'db' | 'live'>, model: Model): Promise<void> => {
  const { name, version } = model.projection;
  const served = live.fed().find((fed) => fed.model === model)?.table;
  if (served === undefined) return;
  const aged = await agedTables(db);
  const isKept = (table: string) =>
    table === served || isSnapshotTable(table, name, version) || (isAsOfTable(table, name) && !aged.includes(table));
  for (const build of await readBuilds(db)) if (build.name === name && !isKept(build.table)) await dropBuild(db, model, build.table);
};

/** What a verification found: rows that differ from what the log gives, at most a hundred of them named. */
export type Verified = { readonly name: string; readonly position: bigint | undefined; readonly differing: readonly string[] };

const MOST_NAMED = 100;

/** Builds these models anew, beside what is served, and compares row for row, at the same position. Changes nothing. */
export const verify = async (options: RebuildOptions, models: readonly Model[], onProgress?: OnProgress): Promise<Verified[]> => {
  const { db, live } = options;
  const tables = models.map((model) => ({ model, table: verifyTable(model.projection.name, model.projection.version) }));
  const clear = async () => {
    for (const { model, table } of tables) await dropBuild(db, model, table);
  };
  await clear();
  try {
    const begun: Begun[] = [];
    for (const { model, table } of tables) begun.push({ model, ...(await createBuild(db, model, table)) });
    const built = await beside(options, begun, onProgress);
    const found: Verified[] = [];
    try {
      await live.change(async (fed) => {
        await built.catchUpTo(live.position(models));
        for (const { model, table, checkpoint } of built.builds()) {
          const { name } = model.projection;
          const served = fed.find((one) => one.model === model);
          if (served === undefined) throw new Error(`${name} isn't served: there is nothing to compare`);
          if (served.checkpoint?.position !== checkpoint?.position)
            throw new Error(`${name} could not be brought to one position; verify again`);
          found.push({ name, position: checkpoint?.position, differing: await model.differences(db, served.table, table, MOST_NAMED) });
        }
        return fed;
      });
    } finally {
      await built.close();
    }
    return found;
  } finally {
    await clear();
  }
};
