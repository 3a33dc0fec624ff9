import { sql } from 'kysely';
import { rowsOf, type Session } from './database.ts';
import { ProjectionsStopped } from './stop.ts';

/** How far a table has come: the last event folded into it. The id is null for an event whose id isn't known. */
export type Checkpoint = { readonly position: bigint; readonly eventId: string | null };

/**
 * One table of a read model. `served`: readers get this one. `shape`: its columns and indexes, to tell a changed definition that kept
 * its version. `problem`: why it must not be trusted; null when all is well.
 */
export type Build = {
  readonly table: string;
  readonly name: string;
  readonly version: number;
  readonly shape: string;
  readonly served: boolean;
  readonly checkpoint: Checkpoint | undefined;
  readonly problem: string | null;
};

type BuildRow = Omit<Build, 'checkpoint'> & { readonly position: string | null; readonly event_id: string | null };

const buildOf = ({ position, event_id, ...rest }: BuildRow): Build => ({
  ...rest,
  checkpoint: position === null ? undefined : { position: BigInt(position), eventId: event_id },
});

export const createBuildsTable = async (session: Session): Promise<void> => {
  await sql`create table if not exists projection_builds (
    "table" text primary key,
    name text not null,
    version int not null,
    shape text not null,
    served boolean not null default false,
    position bigint,
    event_id text,
    problem text,
    made_at timestamptz not null default now()
  )`.execute(session);
};

/** Tables made more than a day ago, by Postgres's clock. */
export const agedTables = async (session: Session): Promise<string[]> =>
  (await rowsOf(session, sql<{ table: string }>`select "table" from projection_builds where made_at < now() - interval '1 day'`)).map(
    ({ table }) => table,
  );

const columns = sql.raw('"table", name, version, shape, served, position::text as position, event_id, problem');

export const readBuilds = async (session: Session): Promise<Build[]> =>
  (await rowsOf(session, sql<BuildRow>`select ${columns} from projection_builds order by "table"`)).map(buildOf);

export const readBuild = async (session: Session, table: string): Promise<Build | undefined> =>
  (await rowsOf(session, sql<BuildRow>`select ${columns} from projection_builds where "table" = ${table}`)).map(buildOf)[0];

export const insertBuild = (session: Session, { table, name, version, shape }: Build): Promise<unknown> =>
  sql`insert into projection_builds ("table", name, version, shape) values (${table}, ${name}, ${version}, ${shape})`.execute(session);

export const deleteBuild = (session: Session, table: string): Promise<unknown> =>
  sql`delete from projection_builds where "table" = ${table}`.execute(session);

export const noteProblem = (session: Session, table: string, problem: string | null): Promise<unknown> =>
  sql`update projection_builds set problem = ${problem} where "table" = ${table}`.execute(session);

/** Makes `table` the one that readers of its read model get. */
export const markServed = (session: Session, name: string, table: string): Promise<unknown> =>
  sql`update projection_builds set served = ("table" = ${table}) where name = ${name}`.execute(session);

export type Move = { readonly table: string; readonly from: Checkpoint | undefined; readonly to: Checkpoint };

/** Moves checkpoints by compare-and-set, which locks them until the transaction ends. Throws `ProjectionsStopped` if one was moved by another. */
export const moveCheckpoints = async (session: Session, moves: readonly Move[]): Promise<void> => {
  const column = <T>(pick: (move: Move) => T) => moves.map(pick);
  const moved = await sql`
    update projection_builds as b set position = m.to_position, event_id = m.to_id
    from unnest(
      ${column(({ table }) => table)}::text[],
      ${column(({ from }) => from?.position.toString() ?? null)}::bigint[],
      ${column(({ from }) => from?.eventId ?? null)}::text[],
      ${column(({ to }) => to.position.toString())}::bigint[],
      ${column(({ to }) => to.eventId)}::text[]
    ) as m ("table", from_position, from_id, to_position, to_id)
    where b."table" = m."table" and b.position is not distinct from m.from_position and b.event_id is not distinct from m.from_id
  `.execute(session);
  if (moved.numAffectedRows !== BigInt(moves.length))
    throw new ProjectionsStopped('another-runner', `${column(({ table }) => table).join(', ')}: another runner moved the checkpoint`);
};

export const sameCheckpoint = (a: Checkpoint | undefined, b: Checkpoint | undefined): boolean =>
  a?.position === b?.position && a?.eventId === b?.eventId;

/** The position that a reader for all of these must begin after; undefined for the log's beginning. */
export const earliestOf = (checkpoints: readonly (Checkpoint | undefined)[]): bigint | undefined => {
  let earliest: bigint | undefined;
  for (const checkpoint of checkpoints) {
    if (checkpoint === undefined) return undefined;
    if (earliest === undefined || checkpoint.position < earliest) earliest = checkpoint.position;
  }
  return earliest;
};
