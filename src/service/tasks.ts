import { z } from 'zod';
import { iso, startClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { CarryOut, Command } from '../embedded/control-socket.ts';
import type { Projections } from '../projections/kit/engine.ts';
import { backUp } from './backup.ts';
import { exportConfiguration, exportTask, importFile, importTask } from './exchange.ts';
import type { OneAtATime } from './one-at-a-time.ts';
import { replay, replayTask } from './replay.ts';
import { rotateKeys } from './rotate.ts';
import type { Stores } from './stores.ts';

const names = z.array(z.string());
const task = z.discriminatedUnion('command', [
  replayTask,
  exportTask,
  importTask,
  /** Read models built anew, or compared with a replay; no names are all of them. */
  z.object({ command: z.literal('rebuild'), names }),
  z.object({ command: z.literal('verify'), names }),
  /** What is blocked in read models tried again. */
  z.object({ command: z.literal('repair'), names }),
  /** The embedded stores copied into a new folder. */
  z.object({ command: z.literal('backup'), to: z.string().min(1) }),
  /** SECRETS_KEY changed to the next one, or to one that is made. */
  z.object({ command: z.literal('rotate'), next: z.string().nullable() }),
]);
/** What a running service can be asked to do beside serving, and a command does by itself when none runs. */
export type Task = z.output<typeof task>;

/** Whose stores a task works on. `engine` runs the read models: asked for only by tasks that need it. */
export type TaskDeps = {
  readonly stores: Pick<Stores, 'store' | 'keyring' | 'backUpEvents'>;
  readonly config: Pick<Config, 'DATA_DIR' | 'SECRETS_KEY' | 'SECRETS_KEY_NEXT'>;
  readonly engine: () => Pick<Projections, 'progress' | 'rebuild' | 'repair' | 'verify'>;
  readonly exclusive: OneAtATime;
};

const readTask = (command: Command): Task => {
  const read = task.safeParse(command);
  if (read.success) return read.data;
  const isKnown = task.options.some(({ shape }) => shape.command.safeParse(command.command).success);
  throw new Error(isKnown ? `${command.command}: what it was given can't be read.` : `This service knows no command ${command.command}.`);
};

/** Carries out a task; `verify` answers whether something differed. All but `replay`, `export` and `import` are done one at a time. */
export const taskOn =
  ({ stores, config, engine, exclusive }: TaskDeps): CarryOut<Command> =>
  async (command, { tell, gone, stopping }) => {
    const asked = readTask(command);
    const chosen = (all: readonly string[]) => (all.length === 0 ? undefined : all);
    switch (asked.command) {
      case 'replay':
        return replay(stores.store, asked, tell, AbortSignal.any([gone, stopping]));
      case 'export':
        return exportConfiguration(stores.store, asked.what, tell);
      case 'import':
        return importFile(stores.store, asked, iso(startClock().now()), tell);
      case 'backup':
        return exclusive('backup', () => backUp(stores, config.DATA_DIR, asked.to));
      case 'rotate':
        return exclusive('change of SECRETS_KEY', () =>
          rotateKeys(stores.keyring, config, asked.next ?? config.SECRETS_KEY_NEXT, { tell, stopping }),
        );
      case 'rebuild':
        return exclusive('rebuild', () =>
          engine().rebuild(chosen(asked.names), (progress) => void tell({ ...progress, position: progress.position?.toString() ?? null })),
        );
      case 'repair':
        return exclusive('repair', async () => {
          const names =
            chosen(asked.names) ??
            engine()
              .progress()
              .map(({ name }) => name);
          for (const name of names) await tell(await engine().repair(name));
        });
      case 'verify': {
        const verified = await exclusive('verify', () => engine().verify(chosen(asked.names)));
        for (const { name, position, differing } of verified) await tell({ name, position: position?.toString() ?? null, differing });
        return { differs: verified.some(({ differing }) => differing.length > 0) };
      }
    }
  };
