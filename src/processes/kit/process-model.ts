import { sql } from 'kysely';
import { rowsOf, type Session } from '../../projections/kit/database.ts';
import { differingKeys, type Model } from '../../projections/kit/model.ts';
import type { Kept } from '../../projections/kit/projection.ts';
import { type Change, loadRows, saveRows } from '../../projections/kit/rows.ts';
import type { Process } from './process.ts';
import { type Entry, type ProcessRow, processProjection } from './process-projection.ts';
import { createTodoTables, deleteClaims, deleteTodo, type EntryKey, loadTodo, type TodoRow, writeTodo } from './todo-table.ts';

/** What a batch changed in a process's to-do list; `swapped`: another build took over, and all of it may have. */
export type TodoChanges = {
  readonly process: string;
  readonly written: readonly TodoRow[];
  readonly removed: readonly EntryKey[];
  readonly swapped: boolean;
};

const stateColumns = [
  ['key', 'text'],
  ['state', 'jsonb'],
] as const;

const isProcessRow = (row: object | undefined): row is ProcessRow => row !== undefined && 'entries' in row;
const entriesOf = (row: object | undefined): Readonly<Record<string, Entry>> => (isProcessRow(row) ? row.entries : {});

/** What changes of instances mean for the to-do list. An entry that didn't change is the same object before and after. */
export const todoChanges = (process: string, changes: readonly Change[]): TodoChanges => {
  const written: TodoRow[] = [];
  const removed: EntryKey[] = [];
  for (const { key: instance, before, after } of changes) {
    const old = entriesOf(before);
    const now = entriesOf(after);
    for (const [entry, row] of Object.entries(now)) if (row !== old[entry]) written.push({ ...row, instance, entry });
    for (const entry of Object.keys(old)) if (now[entry] === undefined) removed.push({ instance, entry });
  }
  return { process, written, removed, swapped: false };
};

const differingTodo = async (session: Session, a: string, b: string, limit: number): Promise<string[]> => {
  const rows = await rowsOf(
    session,
    sql<{ instance: string; entry: string }>`
      select coalesce(a.instance, b.instance) as instance, coalesce(a.entry, b.entry) as entry
      from (select * from todo where source = ${a}) a full join (select * from todo where source = ${b}) b using (instance, entry)
      where (to_jsonb(a) - 'source') is distinct from (to_jsonb(b) - 'source') order by 1, 2 limit ${limit}`,
  );
  return rows.map(({ instance, entry }) => `${instance} ${entry}`);
};

/**
 * A process, kept as a table of states beside its rows of the table `todo`. `announce` hears of every durable change of the served build.
 */
export const processModel = (process: Process, announce?: (changes: TodoChanges) => void): Model => {
  const { name } = process;
  const load: Model['load'] = async (session, table, keys) => {
    const states = await loadRows(session, stateColumns, table, keys);
    const entries = states.size === 0 ? new Map() : await loadTodo(session, table, [...states.keys()]);
    return new Map(
      [...states].map(([key, { row, position }]): [string, Kept] => {
        return [key, { row: { key, state: row?.state, entries: entries.get(key) ?? {} }, position }];
      }),
    );
  };
  const save: Model['save'] = async (session, table, changes, served) => {
    await saveRows(session, stateColumns, table, changes);
    const { written, removed } = todoChanges(name, changes);
    if (written.length > 0) await writeTodo(session, table, written);
    if (removed.length > 0) await deleteTodo(session, table, removed);
    if (served) await deleteClaims(session, name, [...removed, ...written]); // a written entry has another cause than any claim there was
  };
  const create: Model['create'] = async (session, table) => {
    await createTodoTables(session);
    await sql`create table if not exists ${sql.id(table)} (key text primary key, state jsonb, position bigint not null)`.execute(session);
  };
  return {
    projection: processProjection(process),
    create,
    index: async () => undefined,
    load,
    save,
    publish: async () => undefined,
    drop: async (session, table) => {
      await sql`drop table if exists ${sql.id(table)}`.execute(session);
      await sql`delete from todo where source = ${table}`.execute(session);
    },
    copy: async (session, from, to) => {
      await create(session, to);
      await sql`insert into ${sql.id(to)} select * from ${sql.id(from)}`.execute(session);
      await sql`insert into todo select ${to}, instance, entry, "group", anchor, command, cause, correlation_id, position, dropped
        from todo where source = ${from}`.execute(session);
    },
    differences: async (session, a, b, limit) => {
      const states = await differingKeys(session, a, b, limit);
      return [...states, ...(await differingTodo(session, a, b, limit))].slice(0, limit);
    },
    committed: (changes) => announce?.(todoChanges(name, changes)),
    swapped: () => announce?.({ process: name, written: [], removed: [], swapped: true }),
  };
};
