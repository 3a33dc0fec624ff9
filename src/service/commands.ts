import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Kysely, PostgresDialect } from 'kysely';
import { type Logger, pino } from 'pino';
import { startClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { askHolder } from '../embedded/ask-holder.ts';
import { openLog } from '../log.ts';
import type { Projections } from '../projections/kit/engine.ts';
import { closeAll } from './closing.ts';
import { exportTask } from './exchange.ts';
import { underLease } from './lease.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { openKeys } from './open-keys.ts';
import { replayOf } from './replay.ts';
import { restore } from './restore.ts';
import { rotateKeys } from './rotate.ts';
import { openStores } from './stores.ts';
import { type Task, taskOn } from './tasks.ts';
import { startEngine } from './work.ts';

/** The exit code of a command whose arguments say nothing that can be done. */
export const WRONG_ARGUMENTS = 2;

const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const refuseArguments = (sentence: string): number => {
  process.stderr.write(`${sentence}\n`);
  return WRONG_ARGUMENTS;
};

const never = new AbortController().signal;
const here = { tell: print, gone: never, stopping: never };
type Told = (progress: unknown) => void;

const keepsModels = ({ command }: Task): boolean => command === 'rebuild' || command === 'verify' || command === 'repair';

/** Opens the stores that nobody holds and carries the task out on them. */
const onOwnStores = async (config: Config, task: Task, log: Logger, tell: Told): Promise<unknown> => {
  const stores = await openStores(config, log, { forCommand: true });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: stores.pool }) });
  let engine: Projections | undefined;
  try {
    if (keepsModels(task)) {
      engine = startEngine({ store: stores.store, db, pool: stores.pool, clock: startClock(), clockSpeed: 1, log });
    }
    const running = () => {
      if (engine === undefined) throw new Error('the read models are not running');
      return engine;
    };
    return await taskOn({ stores, config, engine: running, exclusive: oneAtATime() })(task, { ...here, tell });
  } finally {
    await closeAll([stores.close, () => engine?.close()]);
  }
};

/** Changes SECRETS_KEY of a key store that services may have open: no other store is needed. */
const rotateShared = async (config: Config, next: string | undefined, log: Logger): Promise<unknown> => {
  const keyring = await openKeys(config, log, { ahead: 0 });
  try {
    return await rotateKeys(keyring, config, next, here);
  } finally {
    await keyring.close();
  }
};

const alone = (config: Config, task: Task, tell: Told): Promise<unknown> => {
  const { DATA_DIR, EVENTSTORE_URL, DATABASE_URL, KEYS_DATABASE_URL, SECRETS_KEY_NEXT } = config;
  const log = openLog('warn', pino.destination(2));
  if (task.command === 'rotate' && (DATABASE_URL ?? KEYS_DATABASE_URL) !== undefined)
    return rotateShared(config, task.next ?? SECRETS_KEY_NEXT, log);
  if (EVENTSTORE_URL === undefined && !existsSync(join(DATA_DIR, 'events'))) throw new Error(`There is no data in ${resolve(DATA_DIR)}.`);
  const work = () => onOwnStores(config, task, log, tell);
  return keepsModels(task) && DATABASE_URL !== undefined ? underLease({ connectionString: DATABASE_URL }, work) : work();
};

/** Has the service that holds DATA_DIR carry a task out, or opens the stores for it when none does. Prints what it comes to. */
const runTask = async (config: Config, task: Task, tell: Told = print): Promise<unknown> => {
  const asked = await askHolder(config.DATA_DIR, task, tell);
  return asked === undefined ? alone(config, task, tell) : asked.result;
};

/** `npm run replay -- --stream S` or `--callback ID`, `[--as-of INSTANT]`. */
export const replayCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  const options = { stream: { type: 'string' }, callback: { type: 'string' }, 'as-of': { type: 'string' } } as const;
  const task = replayOf(parseArgs({ args: [...argv], options }).values);
  if (task === undefined) return refuseArguments('replay: give --stream STREAM or --callback ID, and with --as-of an ISO 8601 instant.');
  await runTask(config, task);
  return 0;
};

/** `npm run rebuild -- [NAME…]`, `npm run verify -- [NAME…]` and `npm run repair -- [NAME…]`; the exit code is 1 when a verify differs. */
export const modelsCommand = async (command: 'rebuild' | 'verify' | 'repair', argv: readonly string[], config: Config): Promise<number> => {
  const result = await runTask(config, { command, names: parseArgs({ args: [...argv], allowPositionals: true }).positionals });
  return typeof result === 'object' && result !== null && 'differs' in result && result.differs === true ? 1 : 0;
};

/** `npm run keys -- rotate`: a new SECRETS_KEY. */
export const keysCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  const { positionals } = parseArgs({ args: [...argv], allowPositionals: true });
  if (positionals.join(' ') !== 'rotate') return refuseArguments('keys: give rotate, which changes SECRETS_KEY.');
  print(await runTask(config, { command: 'rotate', next: config.SECRETS_KEY_NEXT ?? null }));
  return 0;
};

const oneFolder = (argv: readonly string[]): string | undefined => {
  const { positionals } = parseArgs({ args: [...argv], allowPositionals: true });
  const [dir] = positionals;
  return dir === undefined || dir === '' || positionals.length > 1 ? undefined : resolve(dir);
};

/** `npm run backup -- DIR`. */
export const backupCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  const to = oneFolder(argv);
  if (to === undefined) return refuseArguments('backup: give one folder.');
  await runTask(config, { command: 'backup', to });
  return 0;
};

/** `npm run restore -- DIR`. */
export const restoreCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  const from = oneFolder(argv);
  if (from === undefined) return refuseArguments('restore: give one folder.');
  await restore(config, from);
  return 0;
};

/** `npm run export -- WHAT`: the file goes to standard output. */
export const exportCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  const { positionals } = parseArgs({ args: [...argv], allowPositionals: true });
  const task = exportTask.safeParse({ command: 'export', what: positionals.join(' ') });
  if (!task.success) return refuseArguments('export: give one of settings, business-hours, rules and configuration.');
  await runTask(config, task.data, (piece) => void process.stdout.write(String(piece)));
  return 0;
};

/** `npm run import -- FILE`, `[--dry-run]`: prints each change, or each error; the exit code is 1 where there is one, and nothing was imported then. */
export const importCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  const { positionals, values } = parseArgs({ args: [...argv], allowPositionals: true, options: { 'dry-run': { type: 'boolean' } } });
  const [path] = positionals;
  const kind = /\.(csv|json)$/i.exec(path ?? '')?.[1]?.toLowerCase();
  if (path === undefined || positionals.length > 1 || kind === undefined)
    return refuseArguments('import: give one file that ends in .csv or .json.');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  const done = await runTask(config, { command: 'import', csv: kind === 'csv', text, dryRun: values['dry-run'] ?? false });
  return typeof done === 'object' && done !== null && 'errors' in done && done.errors === 0 ? 0 : 1;
};
