import type { z } from 'zod';
import { catalogue, type DomainEvent, type EventType } from '../../src/domain/catalogue.ts';

type DataOf<T extends EventType> = Extract<DomainEvent, { type: T }>['data'];

/** The plainest value that a schema accepts: null where it may be, the first of several, nothing in lists. */
const plainest = (schema: z.core.$ZodType): unknown => {
  const { def } = (schema as z.core.$ZodTypes)._zod; // the union of all kinds there are, by `def.type`
  switch (def.type) {
    case 'object':
      return Object.fromEntries(Object.entries(def.shape).map(([name, inner]) => [name, plainest(inner)]));
    case 'string':
      return 'format' in def && def.format === 'datetime'
        ? '2026-03-01T10:00:00.000Z'
        : 'format' in def && def.format === 'date'
          ? '2026-03-01'
          : 'x';
    case 'number':
      return 1;
    case 'boolean':
      return false;
    case 'enum':
      return Object.values(def.entries)[0];
    case 'literal':
      return def.values[0];
    case 'array':
      return [];
    case 'record':
      return {};
    case 'tuple':
      return def.items.map(plainest);
    case 'union':
      return def.options[0] === undefined ? null : plainest(def.options[0]);
    case 'default':
    case 'optional':
      return plainest(def.innerType);
    default:
      return null;
  }
};

/** An event of a type with the data that matters; the rest is the plainest that its schema accepts. */
export const example = <T extends EventType>(type: T, data: Partial<DataOf<T>>): Extract<DomainEvent, { type: T }> =>
  // The schema of the type accepts it, which the compiler can't follow from a type known at run time only.
  ({ type, data: catalogue[type].data.parse({ ...Object(plainest(catalogue[type].data)), ...data }) }) as unknown as Extract<
    DomainEvent,
    { type: T }
  >;
