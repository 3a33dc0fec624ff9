import { type DatabaseConnection, type Kysely, sql } from 'kysely';
import type pg from 'pg';
import type { Database, Session } from './database.ts';

const changing = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

const connectionOf = (client: pg.PoolClient): DatabaseConnection => ({
  executeQuery: async ({ sql: text, parameters }) => {
    const { command, rowCount, rows } = await client.query(text, [...parameters]);
    return { rows, ...(changing.has(command) && rowCount !== null ? { numAffectedRows: BigInt(rowCount) } : {}) };
  },
  streamQuery: () => {
    throw new Error('rows are not streamed here');
  },
});

/**
 * A database whose transactions send each statement at once, and not when the one before is answered: what is begun together costs one
 * round trip. `pool` has `pipeline: true`. Statements outside of transactions go the usual way.
 */
export const pipelined = (pool: pg.Pool, db: Kysely<unknown>): Database => {
  const inTransaction = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    try {
      const executor = db.getExecutor().withConnectionProvider({ provideConnection: (use) => use(connectionOf(client)) });
      const session: Session = { getExecutor: () => executor };
      const begun = sql`begin`.execute(session);
      const [result] = await Promise.all([work(session), begun]);
      await sql`commit`.execute(session);
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => undefined); // of a connection that is lost, the server thinks of it
      throw error;
    } finally {
      client.release();
    }
  };
  return { getExecutor: () => db.getExecutor(), transaction: () => ({ execute: inTransaction }) };
};
