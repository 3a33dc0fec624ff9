import { sql } from 'kysely';
import type { Feed } from '../../eventstore/event-store.ts';
import { type Build, readBuilds } from './builds.ts';
import type { Session } from './database.ts';
import { shapeOf } from './model.ts';
import { isAsOfTable, isSnapshotTable } from './names.ts';
import type { Projection } from './projection.ts';

const nulls = (columns: readonly string[]) => sql.join(columns.map((column) => sql`${sql.ref(column)} = null`));

/** The keys of a projection whose personal data these items say is gone. */
const goneFrom = (projection: Projection, items: readonly Feed[]): string[] =>
  items.flatMap((item) => {
    if (item.kind !== 'event') return [];
    const { type } = item.event;
    return type === 'CallbackRetired' || type === 'PersonalDataErased' ? projection.keysOf(item.event) : [];
  });

const isCopyOf = (projection: Projection, { table, name, served, shape }: Build): boolean =>
  name === projection.name &&
  !served &&
  shape === shapeOf(projection) &&
  (isSnapshotTable(table, name, projection.version) || isAsOfTable(table, name));

/**
 * Takes personal data that facts say is gone out of the copies of a read model too: its snapshots and earlier positions, which no fold
 * reaches any more.
 */
export const forgetInCopies = async (session: Session, projections: readonly Projection[], items: readonly Feed[]): Promise<void> => {
  for (const projection of projections) {
    const { personalColumns = [] } = projection;
    const keys = personalColumns.length === 0 ? [] : goneFrom(projection, items);
    if (keys.length === 0) continue;
    for (const build of await readBuilds(session))
      if (isCopyOf(projection, build))
        await sql`update ${sql.id(build.table)} set ${nulls(personalColumns)} where key = any(${keys}::text[])`.execute(session);
  }
};

/** Leaves a copy of a read model only the personal data that the served table still has: what was lost since isn't to be read there either. */
export const forgetLost = async (session: Session, { personalColumns = [] }: Projection, served: string, copy: string): Promise<void> => {
  for (const column of personalColumns)
    await sql`update ${sql.id(copy)} c set ${sql.ref(column)} = null where c.${sql.ref(column)} is not null and not exists (
      select 1 from ${sql.id(served)} s where s.key = c.key and s.${sql.ref(column)} is not null)`.execute(session);
};
