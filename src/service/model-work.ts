import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { ModelResult, ModelStanding, ModelTask, ModelTaskRun, ModelWork } from '../api/operations/model-tasks.ts';
import type { Clock } from '../clock.ts';
import { blockedCounts } from '../projections/kit/blocks.ts';
import { readBuilds } from '../projections/kit/builds.ts';
import { describeError } from '../projections/kit/database.ts';
import type { Projections } from '../projections/kit/engine.ts';
import type { OneAtATime } from './one-at-a-time.ts';

type Engine = Pick<Projections, 'building' | 'progress' | 'rebuild' | 'repair' | 'verify'>;

export type ModelWorkOptions = {
  readonly db: Kysely<unknown>;
  /** What keeps the read models here; undefined while another node does. */
  readonly engine: () => Engine | undefined;
  /** How far the tables are behind the log where another node keeps them, in ms. */
  readonly lagMs: () => Promise<number>;
  /** Of the models, those that are to-do lists. */
  readonly processes: readonly string[];
  readonly exclusive: OneAtATime;
  readonly clock: Clock;
  readonly log: Logger;
};

const carryOut = async (engine: Engine, task: ModelTask, names: readonly string[]): Promise<ModelResult[]> => {
  switch (task) {
    case 'rebuild':
      await engine.rebuild(names);
      return names.map((name) => ({ name }));
    case 'verify':
      return (await engine.verify(names)).map(({ name, differing }) => ({ name, differing: differing.length }));
    case 'repair': {
      const results: ModelResult[] = [];
      for (const name of names) results.push(await engine.repair(name));
      return results;
    }
  }
};

/** The read models and to-do lists as this node knows them, and tasks on them, which take turns with those of commands. */
export const modelWork = ({ db, engine, lagMs, processes, exclusive, clock, log }: ModelWorkOptions): ModelWork => {
  let last: ModelTaskRun | undefined;
  const kindOf = (name: string) => (processes.includes(name) ? 'process' : 'read-model');

  const known = (own: Engine): string[] => own.progress().map(({ name }) => name);

  const here = (own: Engine): ModelStanding[] => {
    const building = own.building();
    return own.progress().map((model) => ({
      ...model,
      kind: kindOf(model.name),
      building: building?.names.includes(model.name) ? building : null,
    }));
  };

  const elsewhere = async (): Promise<ModelStanding[]> => {
    const [builds, blocked, lag] = await Promise.all([readBuilds(db), blockedCounts(db), lagMs()]);
    return builds
      .filter(({ served }) => served)
      .map(({ name, version, checkpoint, table, problem }) => ({
        ...{ name, kind: kindOf(name), version, position: checkpoint?.position, lagMs: lag },
        ...{ blocked: blocked.get(table) ?? 0, problem, building: null },
      }));
  };

  return {
    last: () => last,
    list: async () => {
      const own = engine();
      return own === undefined ? elsewhere() : here(own);
    },
    start: (task, chosen) => {
      const own = engine();
      if (own === undefined) return { is: 'elsewhere' };
      const strange = chosen?.filter((name) => !known(own).includes(name)) ?? [];
      if (strange.length > 0) return { is: 'unknown', names: strange };
      const before = exclusive.underWay();
      if (before !== undefined) return { is: 'busy', with: before };

      const names = known(own).filter((name) => chosen?.includes(name) ?? true);
      const run: ModelTaskRun = { task, names, startedAt: clock.now(), endedAt: null, error: null, results: [] };
      last = run;
      exclusive(task, () => carryOut(own, task, names)).then(
        (results) => {
          last = { ...run, endedAt: clock.now(), results };
          log.info({ task, results }, 'a task of an operator is done');
        },
        (error: unknown) => {
          last = { ...run, endedAt: clock.now(), error: describeError(error) };
          log.error({ task, names, error: describeError(error) }, 'a task of an operator failed');
        },
      );
      return { is: 'started', run };
    },
  };
};
