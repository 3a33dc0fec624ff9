import { type RawBuilder, sql } from 'kysely';
import { type ColumnType, parameterType, readExpression, writeExpression, writeValue } from './columns.ts';
import { rowsOf, type Session } from './database.ts';
import type { Kept, Projection, RowData } from './projection.ts';

/** A statement holds at most so many rows: more gain nothing, and cost memory on both sides. */
const ROWS_A_STATEMENT = 5_000;

/** A row before and after a batch. */
export type Change = {
  readonly key: string;
  readonly before: RowData | undefined;
  readonly after: RowData | undefined;
  readonly position: bigint;
};

type Columns = readonly (readonly [name: string, type: ColumnType])[];

/** The columns of a projection's table, without the engine's own `position`. */
export const columnsOf = (projection: Projection): Columns => Object.entries(projection.columns);

export const inPieces = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

const selectList = (columns: Columns): RawBuilder<unknown> => sql.raw(columns.map(([name, type]) => readExpression(name, type)).join(', '));

/** The rows of these keys that the table has. */
export const loadRows = async (session: Session, columns: Columns, table: string, keys: readonly string[]): Promise<Map<string, Kept>> => {
  const kept = new Map<string, Kept>();
  for (const piece of inPieces(keys, ROWS_A_STATEMENT)) {
    const found = await rowsOf(
      session,
      sql<RowData & { position: string }>`
        select ${selectList(columns)}, position::text as position from ${sql.id(table)} where key = any(${piece}::text[])`,
    );
    for (const { position, ...row } of found) kept.set(row.key, { row, position: BigInt(position) });
  }
  return kept;
};

const unnest = (columns: Columns, rows: readonly Readonly<Record<string, unknown>>[]): RawBuilder<unknown> =>
  sql.join(columns.map(([name, type]) => sql`${rows.map((row) => writeValue(row[name], type))}::${sql.raw(parameterType(type))}`));

/** Writes rows by multi-row upserts; `identity` names the columns of the table's primary key. Every row must be another one. */
export const upsertRows = async (
  session: Session,
  table: string,
  columns: Columns,
  identity: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> => {
  const names = sql.join(columns.map(([name]) => sql.ref(name)));
  const values = sql.raw(columns.map(([name, type]) => writeExpression(name, type)).join(', '));
  const sets = sql.join(
    columns.filter(([name]) => !identity.includes(name)).map(([name]) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`),
  );
  const key = sql.join(identity.map((name) => sql.ref(name)));
  for (const piece of inPieces(rows, ROWS_A_STATEMENT))
    await sql`insert into ${sql.id(table)} (${names})
      select ${values} from unnest(${unnest(columns, piece)}) as written (${names})
      on conflict (${key}) do update set ${sets}`.execute(session);
};

/** One multi-row upsert of what there is after a batch, one delete of what is gone. */
export const saveRows = async (session: Session, columns: Columns, table: string, changes: readonly Change[]): Promise<void> => {
  const written = changes.flatMap(({ after, position }) => (after === undefined ? [] : [{ ...after, position: position.toString() }]));
  const gone = changes.filter(({ before, after }) => before !== undefined && after === undefined).map(({ key }) => key);
  if (written.length > 0) await upsertRows(session, table, [...columns, ['position', 'bigint']], ['key'], written);
  for (const piece of inPieces(gone, ROWS_A_STATEMENT))
    await sql`delete from ${sql.id(table)} where key = any(${piece}::text[])`.execute(session);
};
