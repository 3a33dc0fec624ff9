import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { Failure } from './errors/failure.ts';
import { fieldErrors, wording } from './errors/field-errors.ts';

/** Validates a part of a request with its zod schema; what is wrong becomes one failure that names every field. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const given = httpPart === 'body' ? (data ?? undefined) : data; // Fastify says null for no body
    const parsed = schema.safeParse(given, { error: wording });
    return parsed.success ? { value: parsed.data } : { error: new Failure('INVALID_FIELDS', { errors: fieldErrors(parsed.error) }) };
  };
