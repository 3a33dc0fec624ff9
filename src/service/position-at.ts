import { type Kysely, sql } from 'kysely';
import { iso } from '../clock.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { tableOf } from '../projections/kit/names.ts';
import { logInstants, tenSecondsOf } from '../projections/log-instants.ts';

const table = sql.table(tableOf(logInstants));

/** From where the log is to be read, and up to what: the index knows both to ten seconds. Undefined: the log's beginning, and its end. */
const bounds = async (db: Kysely<unknown>, instant: string): Promise<{ after: bigint | undefined; before: bigint | undefined }> => {
  const key = tenSecondsOf(instant);
  const { rows } = await sql<{ later: string | null; earlier: string | null }>`
    with later as (select min(first) as first from ${table} where key collate "C" > ${key})
    select (select first from later)::text as later, (
      select max(first) from ${table} where key collate "C" < ${key} and first < coalesce((select first from later), 9223372036854775807)
    )::text as earlier`.execute(db);
  const [row] = rows;
  const position = (text: string | null | undefined) => (text === null || text === undefined ? undefined : BigInt(text));
  return { after: position(row?.earlier), before: position(row?.later) };
};

/**
 * The position that an instant (epoch ms) stands for: that of the last event before the first later one in the log. Once a later one is
 * there it stays the same for ever. Undefined when nothing had happened yet.
 */
export const positionAt = async (db: Kysely<unknown>, store: Pick<EventStore, 'follow'>, instant: number): Promise<bigint | undefined> => {
  const { after, before } = await bounds(db, iso(instant));
  const stop = new AbortController();
  let position = after;
  try {
    for await (const item of store.follow({ after, personal: false, signal: stop.signal })) {
      if (item.kind === 'caught-up') break;
      const next = item.kind === 'event' ? item.event.position : item.position;
      if (before !== undefined && next >= before) break;
      if (item.kind === 'event' && Date.parse(item.event.data.at) > instant) break;
      position = next;
    }
  } finally {
    stop.abort();
  }
  return position;
};
