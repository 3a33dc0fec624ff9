import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { Config } from '../config.ts';
import { askHolder, type CarryOut, isHeld } from '../embedded/control-socket.ts';
import { openLog } from '../log.ts';
import { type ReplayCommand, replay, replayOf } from './replay.ts';
import { openStores, type Stores } from './stores.ts';

/** What a running service can be asked to do beside serving, and a command does by itself when none runs. */
export type Task = ReplayCommand;

/** Carries out a task on open stores. */
export const taskOn =
  ({ store }: Pick<Stores, 'store'>): CarryOut<Task> =>
  async (task, tell) => {
    switch (task.command) {
      case 'replay':
        return replay(store, task, tell);
      default:
        throw new Error('this service knows no such command');
    }
  };

const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

/** Has the service that holds DATA_DIR carry a task out, or opens the stores for it when none does. */
const runTask = async (config: Config, task: Task): Promise<number> => {
  if (await isHeld(config.DATA_DIR)) {
    await askHolder(config.DATA_DIR, task, print);
    return 0;
  }
  const stores = await openStores(config, openLog('warn', pino.destination(2)));
  try {
    await taskOn(stores)(task, print);
    return 0;
  } finally {
    await stores.close();
  }
};

/** `npm run replay -- --stream S` or `--callback ID`, `[--as-of INSTANT]`. */
export const replayCommand = async (argv: readonly string[], config: Config): Promise<number> => {
  const options = { stream: { type: 'string' }, callback: { type: 'string' }, 'as-of': { type: 'string' } } as const;
  const task = replayOf(parseArgs({ args: [...argv], options }).values);
  if (task !== undefined) return runTask(config, task);
  process.stderr.write('replay: give --stream STREAM or --callback ID, and with --as-of an ISO 8601 instant.\n');
  return 1;
};
