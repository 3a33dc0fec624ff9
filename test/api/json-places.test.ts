import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPlaces } from '../../src/api/configuration-files/json-places.ts';

/** Every path of a value that isn't itself one of objects or arrays, and what is there. */
const leavesOf = (value: unknown, path: readonly PropertyKey[] = []): readonly (readonly [readonly PropertyKey[], unknown])[] =>
  typeof value !== 'object' || value === null
    ? [[path, value]]
    : Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]));

describe('where values stand in JSON', () => {
  it('is the line and column at which their text begins', () =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const lines = text.split('\n');
        const places = jsonPlaces(text);
        for (const [path, leaf] of leavesOf(JSON.parse(text))) {
          const { line, column } = places(path);
          expect(lines[line - 1]?.slice(column - 1).startsWith(JSON.stringify(leaf)), path.join('.')).toBe(true);
        }
      }),
    ));
  it('of one that is missing is where it would be', () => {
    const places = jsonPlaces('{\n  "a": [\n    {"b": 1}\n  ]\n}');
    expect(places(['a', 0, 'c'])).toEqual({ line: 3, column: 5 });
    expect(places(['a', 1])).toEqual({ line: 2, column: 8 });
    expect(places([])).toEqual({ line: 1, column: 1 });
  });
});
