import { type Kysely, sql } from 'kysely';
import type { ApiDeps, OwedRow } from '../api/deps.ts';
import type { Clock } from '../clock.ts';
import type { OffsetOf } from '../processes/kit/groups.ts';
import { standingOfProcess } from '../processes/kit/standing.ts';
import { aboutQueues } from './about-queues.ts';

export type OwedOptions = { readonly db: Kysely<unknown>; readonly offsetOf: OffsetOf; readonly clock: Pick<Clock, 'now'> };

/** What processes owe, read from their tables by any node, by the settings of now. */
export const owedIn =
  ({ db, offsetOf, clock }: OwedOptions): ApiDeps['owed'] =>
  async (processes, reads) => {
    const only = aboutQueues(reads, sql`t.instance`);
    const rows: OwedRow[] = [];
    for (const name of processes) rows.push({ name, ...(await standingOfProcess(db, name, { now: clock.now(), offsetOf, only })) });
    return rows;
  };
