import type { QueryExecutorProvider, RawBuilder } from 'kysely';
import { z } from 'zod';

/** Any Kysely, whatever tables it is typed with; inside a transaction, the transaction. */
export type Session = QueryExecutorProvider;
export type Database = Session & { transaction(): { execute<T>(work: (session: Session) => Promise<T>): Promise<T> } };

/** Runs a statement and answers its rows. `Row` is what the statement selects: the one place where SQL text is believed. */
export const rowsOf = async <Row>(session: Session, statement: RawBuilder<Row>): Promise<Row[]> => (await statement.execute(session)).rows;

/**
 * Settles once all of it has, so that no statement of a transaction comes after its end; rejects with what failed first. Begun at once,
 * the statements go out at once where the connection takes them so.
 */
export const together = async <T>(work: readonly Promise<T>[]): Promise<T[]> => {
  const all = Promise.all(work);
  await Promise.allSettled([all, ...work]);
  return all;
};

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Postgres refuses the values themselves (out of range, a NUL in text, a constraint): sending them again won't help. */
export const isDataError = (error: unknown): boolean => /^(22|23|54)...$/.test(codeOf(error));

/** An error as logs and tables may show it: name, code, and which fields a schema refused. Messages can quote values, so none is shown. */
export const describeError = (error: unknown): string => {
  const name = error instanceof Error ? error.name : typeof error;
  const code = codeOf(error);
  const fields = error instanceof z.core.$ZodError ? error.issues.map(({ path }) => path.join('.')) : [];
  return [name, code, ...fields].filter((part) => part !== '').join(' ');
};
