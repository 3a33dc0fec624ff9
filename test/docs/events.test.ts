import { describe, expect, test } from 'vitest';
import { cancellationReasons, completionReasons, failingOutcomes } from '../../src/domain/callback/events.ts';
import { catalogue } from '../../src/domain/catalogue.ts';
import { read, tableRows, withoutSentence } from './read.ts';

const page = read('docs/events.md');
const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();
const REASONS = 'Reasons of completion';
const OUTCOMES = 'Outcomes of an attempt';

describe('docs/events.md', () => {
  test('explains each event type of the catalogue, and no other', () => {
    const others = [...tableRows(page, REASONS).keys(), ...tableRows(page, OUTCOMES).keys()];
    const explained = [...tableRows(page).keys()].filter((name) => !others.includes(name));
    expect(sorted(explained)).toEqual(sorted(Object.keys(catalogue)));
  });

  test('explains each reason of completion, and no other', () => {
    expect(sorted(tableRows(page, REASONS).keys())).toEqual(sorted([...completionReasons, ...cancellationReasons]));
  });

  test('explains each outcome of an attempt, and no other', () => {
    expect(sorted(tableRows(page, OUTCOMES).keys())).toEqual(sorted(['ANSWERED', ...failingOutcomes]));
  });

  test('explains in sentences', () => {
    expect(withoutSentence(tableRows(page))).toEqual([]);
    expect(withoutSentence(new Map([['X', 'no sentence']]))).toEqual(['X']);
  });
});
