import { type Database, describeError } from './database.ts';
import type { Model } from './model.ts';
import type { Log } from './retrying.ts';
import { takeSnapshot, thinSnapshots } from './snapshots.ts';

/** Which read models are copied, after how many events (counted from a start), and how many copies of each are kept. */
export type SnapshotSettings = { readonly names: readonly string[]; readonly everyEvents: number; readonly most: number };

/** Takes snapshots as the log grows: the answer hears how many events more were projected, and gives what is then under way. */
export const keepSnapshots = (
  { db, log, models }: { readonly db: Database; readonly log: Log; readonly models: readonly Model[] },
  { names, everyEvents, most }: SnapshotSettings,
): ((events: number) => Promise<void> | undefined) => {
  const chosen = models.filter(({ projection }) => names.includes(projection.name));
  let events = 0;
  const takeAll = async () => {
    for (const model of chosen) {
      await takeSnapshot(db, model);
      await thinSnapshots(db, model, most);
    }
  };
  return (more) => {
    events += more;
    if (events < everyEvents) return undefined;
    events = 0;
    return takeAll().catch((error) => log.warn({ error: describeError(error) }, 'a snapshot failed; the next may succeed'));
  };
};
