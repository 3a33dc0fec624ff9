import { type RawBuilder, sql } from 'kysely';
import type { Block } from './blocks.ts';
import { rowsOf, type Session } from './database.ts';

/** What is blocked in a served read model or to-do list. `since` is UTC ISO text. */
export type DeadLetter = Block & { readonly model: string; readonly since: string };
export type DeadLetterPlace = Pick<DeadLetter, 'model' | 'scope' | 'id' | 'position'>;

type Row = Omit<DeadLetter, 'id' | 'position' | 'eventId'> & { readonly id: string; readonly position: string; readonly event_id: string };

const blocks = sql`projection_blocks d join projection_builds b on b."table" = d."table" and b.served`;

/** The callback that a block is about, where it is about one, for conditions; ids are kept as JSON text. */
export const callbackOfBlock = sql`regexp_replace(d.id, '^"(callback-)?|"$', '', 'g')`;

/** In the order of the log, after one that was answered before. `only`: a further condition. */
export const deadLetters = async (
  session: Session,
  limit: number,
  after: DeadLetterPlace | undefined,
  only: RawBuilder<unknown>,
): Promise<DeadLetter[]> => {
  const beyond = after
    ? sql`(d.position, b.name, d.scope, d.id) > (${after.position.toString()}::bigint, ${after.model}, ${after.scope}, ${JSON.stringify(after.id)})`
    : sql`true`;
  const rows = await rowsOf(
    session,
    sql<Row>`select b.name as model, d.scope, d.id, d.position::text as position, d.event_id, d.type, d.error,
        to_char(d.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
      from ${blocks} where ${only} and ${beyond} order by d.position, b.name, d.scope, d.id limit ${limit}`,
  );
  return rows.map(({ id, position, event_id: eventId, ...rest }) => ({
    ...rest,
    id: String(JSON.parse(id)),
    position: BigInt(position),
    eventId,
  }));
};

export const countDeadLetters = async (session: Session, only: RawBuilder<unknown>): Promise<number> =>
  (await rowsOf(session, sql<{ total: number }>`select count(*)::int as total from ${blocks} where ${only}`))[0]?.total ?? 0;
