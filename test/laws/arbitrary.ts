import fc from 'fast-check';
import type { z } from 'zod';

/** Arbitraries for fields of these names, wherever they stand: what makes events of different streams speak of the same things. */
export type Fields = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const START = Date.UTC(2026, 0, 1);
export const anyInstant = fc
  .integer({ min: 0, max: 5_000_000 })
  .map((seconds) => new Date(START + seconds * 1_000 + (seconds % 1_000)).toISOString());
export const anyDate = fc.integer({ min: 0, max: 60 }).map((day) => new Date(START + day * 86_400_000).toISOString().slice(0, 10));

/** Text that Postgres can hold: what it can't is a matter of the engine, which blocks it. */
const anyText = fc.oneof(
  fc.constantFrom('a', 'b', 'c'),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll('\0', '')),
);
const anyJson = fc
  .jsonValue({ maxDepth: 1, stringUnit: fc.constantFrom('x', 'y', '"', '\\', 'é', '{') })
  .map((value): unknown => JSON.parse(JSON.stringify(value))); // -0 isn't stored as such

const bounded = ({ minValue, maxValue }: z.ZodNumber) => ({
  min: Math.max(minValue ?? -1_000, -1_000),
  max: Math.min(maxValue ?? 1_000, 1_000),
});

/** Values that a schema of the event catalogue accepts. Throws for a kind of schema that it doesn't know: it is to be taught. */
export const arbitraryOf = (schema: z.core.$ZodType, fields: Fields): fc.Arbitrary<unknown> => {
  const of = (inner: z.core.$ZodType) => arbitraryOf(inner, fields);
  const known = schema as z.core.$ZodTypes; // the union of all kinds there are, by `def.type`
  const { def } = known._zod;
  switch (def.type) {
    case 'object':
      return fc.record(Object.fromEntries(Object.entries(def.shape).map(([name, inner]) => [name, fields[name] ?? of(inner)])), {
        noNullPrototype: true,
      });
    case 'string': {
      const format = 'format' in def ? def.format : undefined;
      return format === 'datetime' ? anyInstant : format === 'date' ? anyDate : anyText;
    }
    case 'number': {
      const range = bounded(known as z.ZodNumber);
      return 'format' in def && def.format === 'safeint' ? fc.integer(range) : fc.integer(range).map((n) => n / 4);
    }
    case 'boolean':
      return fc.boolean();
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries));
    case 'literal':
      return fc.constantFrom(...def.values);
    case 'nullable':
      return fc.option(of(def.innerType), { nil: null, freq: 3 });
    case 'optional':
    case 'default':
      return of(def.innerType);
    case 'array':
      return fc.array(of(def.element), { maxLength: 3 });
    case 'tuple':
      return fc.tuple(...def.items.map(of));
    case 'union':
      return fc.oneof(...def.options.map(of));
    case 'record':
      return fc.dictionary(of(def.keyType).map(String), of(def.valueType), { maxKeys: 3, noNullPrototype: true });
    case 'unknown':
      return anyJson;
    default:
      throw new Error(`no arbitrary for zod's ${def.type}`);
  }
};
