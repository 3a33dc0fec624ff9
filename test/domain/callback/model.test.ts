import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callback } from '../../../src/domain/callback/decider.ts';
import type { CallbackEvent } from '../../../src/domain/callback/events.ts';
import type { CallbackState } from '../../../src/domain/callback/state.ts';
import { play, RING_LIMIT_SECONDS, steps } from './any-commands.ts';
import { later } from './facts.ts';

/** Where a state may go by one decision (1.2). */
const MOVES: Readonly<Record<CallbackState['state'], readonly CallbackState['state'][]>> = {
  NONE: ['NONE', 'SCHEDULED', 'QUEUED'],
  SCHEDULED: ['SCHEDULED', 'QUEUED', 'COMPLETED'],
  QUEUED: ['QUEUED', 'ROUTING', 'COMPLETED'],
  ROUTING: ['ROUTING', 'QUEUED', 'PROCESSING', 'COMPLETED'],
  PROCESSING: ['PROCESSING', 'COMPLETED'],
  COMPLETED: ['COMPLETED'],
};

/** Attempts that may ring: started, and neither over nor certainly silent by `now`. */
const liveAttempts = (history: readonly CallbackEvent[], now: string): readonly string[] => {
  const live = new Map<string, string>();
  for (const { type, data } of history) {
    if (type === 'CallbackAttemptStarted') live.set(data.attemptId, data.placeBy);
    if (type === 'CallbackAttemptFailed' && data.settled) live.delete(data.attemptId);
    if (type === 'CallbackAttemptWithdrawn') live.delete(data.attemptId);
    if (type === 'CallbackCompleted' && data.withdraws === null) live.clear();
  }
  return [...live].filter(([, placeBy]) => now < later(RING_LIMIT_SECONDS, placeBy)).map(([id]) => id);
};

describe('whatever is asked of a callback, in whatever order', () => {
  it('its state only moves along the states of a callback, and one that is over stays over', () =>
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ before, after }) => expect(MOVES[before.state]).toContain(after.state));
      }),
      { numRuns: 500 },
    ));

  it('a callback has never two attempts that may ring', () =>
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ history, now }) => expect(liveAttempts(history, now).length).toBeLessThanOrEqual(1));
      }),
      { numRuns: 500 },
    ));

  it('attempts dialed are never more than those started, nor fewer than none', () =>
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ after }) => {
          if (after.state === 'NONE') return;
          expect(after.dialed).toBeLessThanOrEqual(after.attempts);
          expect(after.dialed).toBeGreaterThanOrEqual(0);
        });
      }),
      { numRuns: 500 },
    ));

  it('the end comes once, with one reason, and nothing is in line after it', () =>
    fc.assert(
      fc.property(steps, (given) => {
        let ends = 0;
        const end = play(given, ({ events }) => {
          ends += events.filter(({ type }) => type === 'CallbackCompleted' || type === 'CallbackCancelled').length;
        });
        expect(ends).toBe(end.state === 'COMPLETED' ? 1 : 0);
        if (end.state === 'COMPLETED') expect(end).toMatchObject({ inLine: false, reason: expect.any(String) });
      }),
      { numRuns: 500 },
    ));

  it('a command that was carried out decides to nothing when it comes again at once', () =>
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ after, events, command }) => {
          if (events.length === 0) return;
          if (command.type === 'BookCallback' && command.booking.bodyHash === null) return; // without a key there is no knowing a repeat
          const again = callback.decide(command, after);
          if (again.ok) expect(again.events.filter(({ type }) => type !== 'CallbackDeferred')).toEqual([]);
        });
      }),
      { numRuns: 500 },
    ));

  it('random commands do reach every state', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(steps, (given) => {
        play(given, ({ after }) => seen.add(after.state));
      }),
      { numRuns: 500, seed: 1 },
    );
    expect([...seen].sort()).toEqual(Object.keys(MOVES).sort());
  });
});
