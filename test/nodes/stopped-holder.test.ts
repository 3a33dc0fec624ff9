import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialingFaults } from '../crash/support/dialing.ts';
import { ask } from '../crash/support/http.ts';
import { idIn } from '../crash/support/load.ts';
import { foldedAll, listed } from '../crash/support/read-back.ts';
import { shortSettings } from '../crash/support/service.ts';
import { PATIENCE_MS, TEST_MS, until } from '../crash/support/until.ts';
import { noRealPostgres } from '../projections/kit/real-postgres.ts';
import { type Cluster, decisionFaults, holderOf, holdsLease, lostLease, QUEUE, startCluster } from './support/cluster.ts';

const CALLBACKS = 60;
/** All of an attempt's limits one after the other, and the lease of a process's entry (30 s, shortened to a fifth) with the pause after it. */
const STOPPED_MS = (shortSettings.placeWithinSeconds + shortSettings.ringLimitSeconds + shortSettings.reportLimitSeconds + 8) * 1_000;
const title = `a node that holds the lease and is stopped${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`;

describe.skipIf(noRealPostgres !== undefined)(title, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ seed: 'stopped holder', shortened: true });
  }, TEST_MS);
  afterAll(() => cluster?.close(), TEST_MS);

  it(
    'for longer than every lease and limit loses the work to the other, does no harm when it wakes, and steps back',
    async () => {
      const index = await until('a node holds the lease', PATIENCE_MS, () => {
        const found = holderOf(cluster.nodes());
        return found === undefined ? undefined : ([found] as const);
      });
      const stopped = cluster.node(index[0]);
      const other = cluster.node(1 - index[0]);
      const ids: string[] = [];
      const book = async (count: number) => {
        const bookings = Array.from({ length: count }, async (_, n) => {
          const body = { serviceName: QUEUE, phoneNumber: `+1212557${String(1_000 + ids.length + n)}` };
          const answer = await ask('client', 'POST', `${other.url}/engagement/v3/callbacks/create`, body);
          expect(answer?.status).toBe(200);
          return (answer && idIn(answer)) ?? '';
        });
        ids.push(...(await Promise.all(bookings)));
      };
      const placed = () => cluster.center.record().filter(({ kind }) => kind === 'place').length;

      await book(CALLBACKS);
      await until('it is in the middle of its work', PATIENCE_MS, () => placed() > CALLBACKS / 4);
      stopped.signal('SIGSTOP');
      const stoppedAt = performance.now();
      await other.says(holdsLease);
      await book(CALLBACKS);
      await until('every callback is completed by the other', PATIENCE_MS, async () => {
        const completed = new Set((await listed(other.url, '&state=COMPLETED'))?.map(({ id }) => id));
        return ids.every((id) => completed.has(id));
      });
      await until('every lease and limit is past', PATIENCE_MS, () => performance.now() - stoppedAt > STOPPED_MS);

      await book(CALLBACKS / 4); // for the one that wakes in the middle of it
      stopped.signal('SIGCONT');
      await stopped.says(lostLease);
      await book(CALLBACKS / 4);
      for (const { url } of cluster.nodes()) {
        await until('all are completed, and the list says it', PATIENCE_MS, async () => {
          const rows = (await listed(url)) ?? [];
          const completed = new Set(rows.filter(({ callbackState }) => callbackState === 'COMPLETED').map(({ id }) => id));
          const folds = await foldedAll(
            url,
            rows.map(({ id }) => id),
          );
          return ids.every((id) => completed.has(id)) && isDeepStrictEqual(rows, folds);
        });
      }
      expect(dialingFaults(cluster.center.record(), shortSettings.ringLimitSeconds * 1_000)).toEqual([]);
      expect(decisionFaults(await cluster.facts())).toEqual([]);
      expect(holderOf(cluster.nodes())).toBe(1 - index[0]);
      expect(stopped.isRunning()).toBe(true);
    },
    TEST_MS,
  );
});
