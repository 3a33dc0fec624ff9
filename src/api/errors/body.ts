import { z } from 'zod';
import { type Failure, sentence } from './failure.ts';

/** The one error body (10): the contract's envelope without `data`, but for the free slots that a full one proposes. */
export const errorBody = z
  .object({
    status: z.object({
      code: z.int().describe('A row of the table of errors'),
      message: z.string(),
      corrId: z.string(),
      errors: z
        .array(
          z.object({
            path: z.string(),
            message: z.string(),
            line: z.int().optional().describe('From 1, of a file that was imported'),
            column: z.int().optional().describe('From 1: characters of JSON, cells of CSV'),
          }),
        )
        .optional(),
    }),
    data: z.object({ slots: z.record(z.string(), z.int()) }).optional(),
    proposed: z.array(z.object({ utcTime: z.string(), capacity: z.int() })).optional(),
  })
  .meta({ id: 'Error', description: 'What failed, why, and the correlation id to ask about it' });

/** The same body under each of these statuses, for a route's `response`. */
export const failures = <S extends number>(...statuses: S[]): { [K in S]: typeof errorBody } =>
  // Object.fromEntries forgets which keys it was given.
  Object.fromEntries(statuses.map((status) => [status, errorBody])) as { [K in S]: typeof errorBody };

/** A failure as it is sent. */
export const bodyOf = (failure: Failure, corrId: string) => {
  const { errors, beside } = failure.details;
  const message = sentence(failure);
  return { status: { code: failure.row.code, message, corrId, ...(errors === undefined ? {} : { errors }) }, ...beside };
};

const isContract = (url: string | undefined): boolean => /^\/engagement\/v3(\/|\?|$)/.test(url ?? '');

/** The status that a failure has at this address: the contract's own where it fixes one. */
export const statusOf = ({ row }: Failure, url: string | undefined): number =>
  isContract(url) ? (row.contractHttp ?? row.http) : row.http;
