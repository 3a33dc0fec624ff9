import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Failure } from './errors/failure.ts';
import { dottedPath } from './errors/field-errors.ts';

const MOST_LEVELS = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true });

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new Failure('MALFORMED_JSON');
  }
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isForbidden = (key: string, value: unknown): boolean =>
  key === '__proto__' || (key === 'constructor' && isObject(value) && Object.hasOwn(value, 'prototype'));

/** Refuses keys that would reach an object's prototype, and nesting that recursive code can't stand. */
const check = (value: object, path: readonly PropertyKey[]): void => {
  if (path.length >= MOST_LEVELS) throw new Failure('JSON_TOO_DEEP', { values: { limit: MOST_LEVELS } });
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) if (isObject(item)) check(item, [...path, index]); // may hold millions: no list of pairs is made
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (isForbidden(key, item)) {
      throw new Failure('FORBIDDEN_JSON_KEY', { errors: [{ path: dottedPath([...path, key]), message: 'is not allowed as a key' }] });
    }
    if (isObject(item)) check(item, [...path, key]);
  }
};

/** Refuses what no JSON of ours may hold, wherever it came in. */
export const checkJson = (value: unknown): void => {
  if (isObject(value)) check(value, []);
};

/** JSON is the only body that is read, and as it comes: nothing unpacks what is compressed. An empty one counts as none. */
export const readJsonBodies = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async ({ headers }: FastifyRequest, body: Buffer) => {
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new Failure('UNSUPPORTED_CONTENT_ENCODING');
    if (body.length === 0) return undefined;
    const value = parse(body);
    checkJson(value);
    return value;
  });
};
