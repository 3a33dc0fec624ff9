import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Clock, iso, sleepUntil } from '../clock.ts';
import { entriesOf } from './files.ts';

const HOUR_MS = 3_600_000;
const RETRY_MS = 60_000;
const NAME = /^keys-(\d{4}-\d{2}-\d{2}T)(\d{2})-(\d{2})-(\d{2}\.\d{3}Z)$/;

const nameAt = (instant: number): string => `keys-${iso(instant).replaceAll(':', '-')}`;
const instantOf = (name: string): number => Date.parse(name.replace(NAME, '$1$2:$3:$4'));

export type KeyBackupsOptions = {
  /** Where they lie, each in a folder named after its instant. */
  readonly dir: string;
  readonly everyHours: number;
  readonly keepDays: number;
  readonly backUp: (to: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
};

/**
 * Backs the key store up on a schedule of its own, and deletes those backups that are older than they may be: a key that was deleted is gone
 * everywhere once they are. The next is due `everyHours` after the last one that is there, whoever made it.
 */
export const startKeyBackups = (options: KeyBackupsOptions): { readonly close: () => Promise<void> } => {
  const { dir, everyHours, keepDays, backUp, clock, log } = options;
  const stop = new AbortController();

  const made = async (): Promise<readonly number[]> =>
    (await entriesOf(dir))
      .filter((name) => NAME.test(name))
      .map(instantOf)
      .sort((a, b) => a - b);
  const expire = async (): Promise<void> => {
    const oldest = clock.now() - keepDays * 24 * HOUR_MS;
    for (const instant of await made()) if (instant <= oldest) await rm(join(dir, nameAt(instant)), { recursive: true, force: true });
  };
  /** Does what is due, and gives when to look again. */
  const look = async (): Promise<number> => {
    await expire();
    const last = (await made()).at(-1);
    const due = last === undefined ? clock.now() : last + everyHours * HOUR_MS;
    if (due > clock.now()) return Math.min(due, clock.now() + HOUR_MS);
    const now = clock.now();
    await backUp(join(dir, nameAt(now)));
    log.info({ dir }, 'the key store was backed up');
    return Math.min(now + everyHours * HOUR_MS, now + HOUR_MS);
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const next = await look().catch((error) => {
        log.error({ err: error }, 'the key store could not be backed up; trying again');
        return clock.now() + RETRY_MS;
      });
      await sleepUntil(clock, next, stop.signal);
    }
  };
  const running = run();
  return {
    close: async () => {
      stop.abort();
      await running;
    },
  };
};
