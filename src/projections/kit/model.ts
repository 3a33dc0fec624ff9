import { sql } from 'kysely';
import { rowsOf, type Session } from './database.ts';
import { tableOf } from './names.ts';
import type { Kept, Projection } from './projection.ts';
import { type Change, columnsOf, loadRows, saveRows } from './rows.ts';

/**
 * A fold and where its rows live: what the engine runs, whether a projection or a process. `table` is always that of one build.
 * All but `create` and `index` may meet a table that isn't there only after `drop`.
 */
export type Model = {
  readonly projection: Projection;
  /** Tables, without the indexes that make bulk writes slow. */
  readonly create: (session: Session, table: string) => Promise<void>;
  readonly index: (session: Session, table: string) => Promise<void>;
  readonly load: (session: Session, table: string, keys: readonly string[]) => Promise<Map<string, Kept>>;
  /** `served`: readers and pollers see this build. */
  readonly save: (session: Session, table: string, changes: readonly Change[], served: boolean) => Promise<void>;
  /** Makes readers get this table, inside the caller's transaction. */
  readonly publish: (session: Session, table: string) => Promise<void>;
  readonly drop: (session: Session, table: string) => Promise<void>;
  /** Makes `to` a copy of `from`, indexes included. */
  readonly copy: (session: Session, from: string, to: string) => Promise<void>;
  /** Keys whose rows differ between two builds, at most `limit` of them. */
  readonly differences: (session: Session, a: string, b: string, limit: number) => Promise<string[]>;
  /** Changes of the served build are durable. */
  readonly committed?: (changes: readonly Change[]) => void;
  /** Another build is served from now on. */
  readonly swapped?: () => void;
};

/** Columns and indexes as text: a definition that changed without its version is refused. */
export const shapeOf = ({ columns, indexes = [] }: Projection): string =>
  [...Object.entries(columns).map(([name, type]) => `${name} ${type}`), ...indexes].join('; ');

/** A projection, kept in a table with its columns, and read through a view of its name. */
export const tableModel = (projection: Projection): Model => {
  const columns = columnsOf(projection);
  if (projection.columns.key !== 'text' || !/^[a-z][a-z0-9_]*$/.test(projection.name)) {
    throw new Error(`${projection.name}: a projection has a name in snake case and a column "key" of type text`);
  }
  const definitions = columns.map(([name, type]) => sql`${sql.ref(name)} ${sql.raw(type)}${sql.raw(name === 'key' ? ' primary key' : '')}`);
  const view = sql.id(tableOf(projection));
  const create: Model['create'] = async (session, table) => {
    await sql`create table if not exists ${sql.id(table)} (${sql.join(definitions)}, position bigint not null)`.execute(session);
  };
  const index: Model['index'] = async (session, table) => {
    for (const [i, fragment] of (projection.indexes ?? []).entries())
      await sql`create index if not exists ${sql.id(`${table}_${i}`)} on ${sql.id(table)} ${sql.raw(fragment)}`.execute(session);
  };
  return {
    projection,
    create,
    index,
    load: (session, table, keys) => loadRows(session, columns, table, keys),
    save: (session, table, changes) => saveRows(session, columns, table, changes),
    publish: async (session, table) => {
      await sql`drop view if exists ${view}`.execute(session);
      await sql`create view ${view} as select * from ${sql.id(table)}`.execute(session);
    },
    drop: async (session, table) => {
      await sql`drop table if exists ${sql.id(table)}`.execute(session);
    },
    copy: async (session, from, to) => {
      await create(session, to);
      await sql`insert into ${sql.id(to)} select * from ${sql.id(from)}`.execute(session);
      await index(session, to);
    },
    differences: (session, a, b, limit) => differingKeys(session, a, b, limit),
  };
};

/** Keys of rows that only one of two tables has, or that aren't the same in both. */
export const differingKeys = async (session: Session, a: string, b: string, limit: number): Promise<string[]> => {
  const rows = await rowsOf(
    session,
    sql<{ key: string }>`select coalesce(a.key, b.key) as key from ${sql.id(a)} a full join ${sql.id(b)} b on a.key = b.key
      where to_jsonb(a) is distinct from to_jsonb(b) order by 1 limit ${limit}`,
  );
  return rows.map(({ key }) => key);
};
