import type { FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { recordRead } from '../record-read.ts';
import type { ListQuery } from './list-query.ts';

/** Records a list that looks for a text in a column: a search, whatever the column (9.4). A list without one is none. */
export const recordSearch = async (
  deps: Pick<ApiDeps, 'commands'>,
  request: FastifyRequest,
  operation: string,
  query: ListQuery,
  rows: number,
): Promise<void> => {
  const { contains, cursor, ...filters } = query;
  if (contains === undefined) return;
  const page = cursor === undefined ? {} : { page: 'further' };
  await recordRead(deps, request, { kind: 'SEARCH', operation, filters: { ...filters, ...page }, searched: contains, rows });
};
