import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue, specOf } from '../../src/domain/catalogue.ts';
import { draftsOfType, typesWithoutStream } from './histories.ts';

describe('generated histories', () => {
  it('know a stream for every event type of the catalogue', () => expect(typesWithoutStream()).toEqual([]));

  it.each(Object.keys(catalogue))('make %s as its schema wants it, in the form it is stored in', (type) =>
    fc.assert(
      fc.property(draftsOfType(type), ({ data }) => {
        expect(specOf(type)?.data.parse(JSON.parse(JSON.stringify(data)))).toEqual(data);
      }),
      { numRuns: 20 },
    ),
  );
});
