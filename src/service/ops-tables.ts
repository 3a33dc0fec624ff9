import { type Kysely, type RawBuilder, sql } from 'kysely';

/** Locks of Postgres under which each of these is created, for nodes that start at once would trip over each other. */
const LOCKS = { agents: 7_246_226, errors: 7_246_227, signIn: 7_246_228, keyUses: 7_246_229, reports: 7_246_230 } as const;

/**
 * Answers the database once ops tables are there: no event and no read model, so nothing rebuilds them. They are made when they are first
 * needed, for a start doesn't wait for Postgres; where that fails, the next who needs them tries again. `first` is done before anybody uses them.
 */
export const opsTables = (
  db: Kysely<unknown>,
  name: keyof typeof LOCKS,
  statements: readonly RawBuilder<unknown>[],
  first = async (): Promise<void> => {},
): (() => Promise<Kysely<unknown>>) => {
  const create = async (): Promise<Kysely<unknown>> => {
    await db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(${LOCKS[name]})`.execute(tx);
      for (const statement of statements) await statement.execute(tx);
    });
    await first();
    return db;
  };
  let created: Promise<Kysely<unknown>> | undefined;
  return () => {
    created ??= create().catch((error) => {
      created = undefined;
      throw error;
    });
    return created;
  };
};
