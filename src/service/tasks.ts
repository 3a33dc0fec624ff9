import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Kysely, PostgresDialect } from 'kysely';
import { pino } from 'pino';
import { startClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { askHolder, type CarryOut, isHeld } from '../embedded/control-socket.ts';
import { openLog } from '../log.ts';
import type { Projections } from '../projections/kit/engine.ts';
import { type BackupCommand, backUp, restore } from './backup.ts';
import { type ReplayCommand, replay, replayOf } from './replay.ts';
import { openStores, type Stores } from './stores.ts';
import { startEngine } from './work.ts';

/** Read models built anew, or compared with a replay; no names are all of them. */
type ModelsCommand = { readonly command: 'rebuild' | 'verify'; readonly names: readonly string[] };
/** What a running service can be asked to do beside serving, and a command does by itself when none runs. */
export type Task = ReplayCommand | ModelsCommand | BackupCommand;

/** Whose stores a task works on. `engine` runs the read models: asked for only by tasks that need it. */
export type TaskDeps = { readonly stores: Stores; readonly dataDir: string; readonly engine: () => Projections };

/** Carries out a task; `verify` answers whether something differed. */
export const taskOn =
  ({ stores, dataDir, engine }: TaskDeps): CarryOut<Task> =>
  async (task, tell) => {
    switch (task.command) {
      case 'replay':
        return replay(stores.store, task, tell);
      case 'backup':
        return backUp(stores, dataDir, task.to);
      case 'rebuild':
        return engine().rebuild(task.names.length === 0 ? undefined : task.names, (progress) =>
          tell({ ...progress, position: progress.position?.toString() ?? null }),
        );
      case 'verify': {
        const verified = await engine().verify(task.names.length === 0 ? undefined : task.names);
        for (const { name, position, differing } of verified) tell({ name, position: position?.toString() ?? null, differing });
        return { differs: verified.some(({ differing }) => differing.length > 0) };
      }
      default:
        throw new Error('this service knows no such command');
    }
  };

const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const alone = async (config: Config, task: Task): Promise<unknown> => {
  const log = openLog('warn', pino.destination(2));
  const stores = await openStores(config, log);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: stores.pool }) });
  let engine: Projections | undefined;
  try {
    if (task.command === 'rebuild' || task.command === 'verify') {
      engine = startEngine({ store: stores.store, db, clock: startClock(), clockSpeed: 1, log });
      await engine.caughtUp();
    }
    const running = () => {
      if (engine === undefined) throw new Error('the read models are not running');
      return engine;
    };
    return await taskOn({ stores, dataDir: config.DATA_DIR, engine: running })(task, print);
  } finally {
    await engine?.close();
    await stores.close();
  }
};

/** Has the service that holds DATA_DIR carry a task out, or opens the stores for it when none does. The exit code is 1 when a verify differs. */
const runTask = async (config: Config, task: Task): Promise<number> => {
  const result = (await isHeld(config.DATA_DIR)) ? (await askHolder(config.DATA_DIR, task, print))?.result : await alone(config, task);
  return typeof result === 'object' && result !== null && 'differs' in result && result.differs === true ? 1 : 0;
};

/** `npm run replay -- --stream S` or `--callback ID`, `[--as-of INSTANT]`. */
export const replayCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  const options = { stream: { type: 'string' }, callback: { type: 'string' }, 'as-of': { type: 'string' } } as const;
  const task = replayOf(parseArgs({ args: [...argv], options }).values);
  if (task !== undefined) return runTask(config, task);
  process.stderr.write('replay: give --stream STREAM or --callback ID, and with --as-of an ISO 8601 instant.\n');
  return 1;
};

/** `npm run rebuild -- [NAME…]` and `npm run verify -- [NAME…]`. */
export const modelsCommand = (command: ModelsCommand['command'], argv: readonly string[], config: Config): Promise<number> =>
  runTask(config, { command, names: parseArgs({ args: [...argv], allowPositionals: true }).positionals });

const oneFolder = (command: string, argv: readonly string[]): string => {
  const { positionals } = parseArgs({ args: [...argv], allowPositionals: true });
  const [dir] = positionals;
  if (dir === undefined || positionals.length > 1) throw new Error(`${command}: give one folder.`);
  return resolve(dir);
};

/** `npm run backup -- DIR`. */
export const backupCommand = async (argv: readonly string[], config: Config): Promise<number> =>
  runTask(config, { command: 'backup', to: oneFolder('backup', argv) });

/** `npm run restore -- DIR`. */
export const restoreCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  await restore(config, oneFolder('restore', argv));
  return 0;
};
