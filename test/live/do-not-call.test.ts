import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partOf } from '../../src/domain/do-not-call/events.ts';
import { doNotCallView } from '../../src/live/do-not-call.ts';
import { example } from '../laws/example.ts';
import { memoryLog } from './log.ts';

const entryOf = (number: number): string => createHash('sha256').update(String(number)).digest('base64url');
const change = fc.record({ number: fc.nat(40), how: fc.constantFrom('added', 'removed', 'seeded') });

describe('what a node holds of the do-not-call list', () => {
  it('is every entry that was added and not removed since, counted once, and the parts that have one', () =>
    fc.assert(
      fc.property(fc.array(change, { maxLength: 120 }), (changes) => {
        const [view, listed] = [doNotCallView(), new Set<string>()];
        const log = memoryLog();
        for (const { number, how } of changes) {
          const entry = entryOf(number);
          if (how === 'removed') listed.delete(entry);
          else listed.add(entry);
          if (how === 'seeded') view.seed(entry);
          else {
            const fact = how === 'added' ? example('DoNotCallEntryAdded', { entry }) : example('DoNotCallEntryRemoved', { entry });
            for (const event of log.append('doNotCall-x', fact)) view.apply(event);
          }
        }
        for (let number = 0; number <= 40; number++) expect(view.has(entryOf(number))).toBe(listed.has(entryOf(number)));
        expect(view.size()).toBe(listed.size);
        const same = doNotCallView();
        for (const entry of [...listed].sort()) same.seed(entry);
        expect(view.etag()).toBe(same.etag());
        same.seed(entryOf(41));
        expect(view.etag()).not.toBe(same.etag());
        expect([...view.parts()].sort()).toEqual([...new Set([...listed].map(partOf))].sort());
      }),
    ));
});
