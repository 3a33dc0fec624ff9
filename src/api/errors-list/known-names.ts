import type { FastifySchema } from 'fastify';
import { z } from 'zod';

/** The names that a schema gives its fields; none for one that takes any. */
const namesOf = (schema: unknown): readonly string[] => {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodPipe) return [...namesOf(schema.in), ...namesOf(schema.out)];
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? namesOf(schema.unwrap()) : [];
};

/** The parameters of a query that its route knows, by name; the others are the asker's words, and could be anything. */
export const parametersOf = (query: unknown, schema: FastifySchema | undefined): readonly string[] => {
  if (typeof query !== 'object' || query === null) return [];
  const known = namesOf(schema?.querystring);
  return [...new Set(Object.keys(query).map((name) => (known.includes(name) ? name : 'unknown')))].sort();
};

/** The fields that are to blame, by the first name of their path, where the route knows it. */
export const fieldsOf = (paths: readonly string[], schema: FastifySchema | undefined): readonly string[] => {
  const known = new Set([schema?.body, schema?.querystring, schema?.headers, schema?.params].flatMap(namesOf));
  return [...new Set(paths.map((path) => /^[^.[]*/.exec(path)?.[0] ?? '').filter((name) => known.has(name)))];
};
