import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Reads } from '../../domain/access/reads.ts';
import type { CallbackRow } from '../../domain/callback/view.ts';
import type { ReadModels } from '../deps.ts';
import { states } from '../schemas/callback.ts';
import type { Cursor } from './cursor.ts';
import { type filterColumns, type ListQuery, type Period, pageSize, type SortField, sortOf, timeFields } from './list-query.ts';

/** The projection whose table the list reads. */
export const PROJECTION = 'callback_list';

const timestamp = z.date().transform((date) => date.toISOString());
const row = z.object({
  key: z.string(),
  queue: z.string(),
  kind: z.enum(['IMMEDIATE', 'SCHEDULED']),
  direction: z.enum(['USERTERMINATED', 'USERORIGINATED']),
  phone_number: z.string().nullable(),
  desired_time: timestamp,
  state: z.enum(states),
  reason: z.string().nullable(),
  created_at: timestamp,
  updated_at: timestamp,
  sort_value: z.string(),
});

/** A row of the table; `sortValue` is what it sorts by, as a cursor keeps it. */
export type ListedRow = { readonly row: Omit<CallbackRow, 'waiting'>; readonly sortValue: string };

const listed = ({ key: id, sort_value: sortValue, ...rest }: z.output<typeof row>): ListedRow => {
  const { queue, kind, direction, phone_number: phoneNumber, desired_time: desiredTime, state, reason } = rest;
  const { created_at: createdAt, updated_at: updatedAt } = rest;
  return { row: { id, queue, kind, direction, phoneNumber, desiredTime, state, reason, createdAt, updatedAt }, sortValue };
};

/** As people read it: COMPLETED with its reason (9.1). */
const stateText = sql<string>`(state || coalesce(' (' || reason || ')', ''))`;
const phoneText = sql<string>`coalesce(phone_number, '')`;

const filters: Readonly<Record<(typeof filterColumns)[number], RawBuilder<string>>> = {
  callbackState: stateText,
  phoneNumber: phoneText,
  serviceName: sql`queue`,
  kind: sql`kind`,
  direction: sql`direction`,
  id: sql`key`,
};
const sorts: Readonly<Record<SortField, RawBuilder<unknown>>> = {
  desiredTime: sql`desired_time`,
  createdAt: sql`created_at`,
  updatedAt: sql`updated_at`,
  callbackState: stateText,
  phoneNumber: phoneText,
  serviceName: sql`queue`,
  kind: sql`kind`,
  id: sql`key`,
};

const at = (ms: number): RawBuilder<unknown> => sql`${new Date(ms).toISOString()}::timestamptz`;
const pattern = (part: string): string => `%${part.replace(/[\\%_]/g, '\\$&')}%`;

const conditions = ({ state, queue, column, contains }: ListQuery, { from, to }: Period, reads: Reads): RawBuilder<unknown> => {
  const all = [reads === 'all' ? sql`true` : sql`queue = any(${[...reads]}::text[])`];
  if (from !== undefined) all.push(sql`desired_time >= ${at(from)}`);
  if (to !== undefined) all.push(sql`desired_time < ${at(to)}`);
  if (state !== undefined) all.push(sql`state = any(${state}::text[])`);
  if (queue !== undefined) all.push(sql`queue = any(${queue}::text[])`);
  if (column !== undefined && contains !== undefined) all.push(sql`${filters[column]} ilike ${pattern(contains)} escape '\\'`);
  return sql.join(all, sql` and `);
};

/** Which rows: of what period, after which one, of the queues that the one who asks reads. */
export type Which = { readonly period: Period; readonly cursor: Cursor | undefined; readonly reads: Reads };

/** One page of the list, and how many rows there are on all pages, and how many of them have no number any more; one row more than the page tells that another follows. */
export const listRows = async (
  { db, table }: ReadModels,
  query: ListQuery,
  { period, cursor, reads }: Which,
): Promise<{ readonly rows: readonly ListedRow[]; readonly more: boolean; readonly total: number; readonly unreadable: number }> => {
  const { field, descending } = sortOf(query);
  const by = sorts[field];
  const isTime = timeFields.includes(field);
  const where = conditions(query, period, reads);
  const shown = isTime ? sql`to_char(${by} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')` : by;
  const typed = (value: string) => (isTime ? sql`${value}::timestamptz` : sql`${value}::text`);
  const direction = descending ? sql`desc` : sql`asc`;
  const after =
    cursor === undefined ? sql`true` : sql`(${by}, key) ${descending ? sql`<` : sql`>`} (${typed(cursor.value)}, ${cursor.key}::text)`;
  const size = pageSize(query);
  const from = sql.table(table(PROJECTION));

  const page = sql`
    select key, queue, kind, direction, phone_number, desired_time, state, reason, created_at, updated_at, ${shown} as sort_value
    from ${from} where ${where} and ${after} order by ${by} ${direction}, key ${direction} limit ${size + 1}`;
  const count = sql<{
    total: string;
    unreadable: string;
  }>`select count(*)::text as total, (count(*) - count(phone_number))::text as unreadable from ${from} where ${where}`;
  const [found, counted] = await Promise.all([page.execute(db), count.execute(db)]);
  const rows = z.array(row).parse(found.rows).map(listed);
  const { total, unreadable } = counted.rows[0] ?? { total: 0, unreadable: 0 };
  return { rows: rows.slice(0, size), more: rows.length > size, total: Number(total), unreadable: Number(unreadable) };
};
