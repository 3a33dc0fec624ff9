import { type DatabaseConnection, type Kysely, sql } from 'kysely';
import type pg from 'pg';
import type { Database, Session } from './database.ts';

const changing = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

const connectionOf = (client: pg.PoolClient, failed: (error: unknown) => void): DatabaseConnection => ({
  executeQuery: async ({ sql: text, parameters }) => {
    const { command, rowCount, rows } = await client.query(text, [...parameters]).catch((error: unknown) => {
      failed(error);
      throw error;
    });
    return { rows, ...(changing.has(command) && rowCount !== null ? { numAffectedRows: BigInt(rowCount) } : {}) };
  },
  streamQuery: () => {
    throw new Error('rows are not streamed here');
  },
});

/** What every statement is answered after one that failed: it tells nothing of why. */
const isAfterFailure = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '25P02';

/**
 * A database whose transactions send each statement at once, and not when the one before is answered: what is begun together costs one
 * round trip. A transaction of which a statement failed tells what failed first, also where the work minds another statement or none.
 * `pool` has `pipeline: true`. Statements outside of transactions go the usual way.
 */
export const pipelined = (pool: pg.Pool, db: Kysely<unknown>): Database => {
  const inTransaction = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let first: { readonly error: unknown } | undefined;
    let isLost = false;
    const failed = (error: unknown): void => {
      first ??= { error };
    };
    try {
      const connection = connectionOf(client, failed);
      const executor = db.getExecutor().withConnectionProvider({ provideConnection: (use) => use(connection) });
      const session: Session = { getExecutor: () => executor };
      const begun = sql`begin`.execute(session);
      const [result] = await Promise.all([work(session), begun]);
      if (first !== undefined) throw first.error; // a commit would be answered, and roll back
      await sql`commit`.execute(session);
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {
        isLost = true; // the server thinks of it
      });
      throw first !== undefined && isAfterFailure(error) ? first.error : error;
    } finally {
      client.release(isLost);
    }
  };
  return { getExecutor: () => db.getExecutor(), transaction: () => ({ execute: inTransaction }) };
};
