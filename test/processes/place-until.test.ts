import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { bookCallback } from '../../src/commands/book.ts';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import type { ConnectorResult } from '../../src/integrations/connector/client.ts';
import { placeUntil } from '../../src/processes/place-until.ts';
import { type Desk, idOf, openDesk } from '../commands/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const PLACE_WITHIN_MS = 10_000;
const UNREACHABLE: ConnectorResult = { kind: 'unreachable', cause: 'ECONNREFUSED' };

/** Places an attempt with a contact center that answers so; when it was asked, in ms from the start. `random` spreads the pauses. */
const placing = async (answer: (asked: number) => ConnectorResult, random?: number) => {
  const { deps, request, queue } = desk.deskFor();
  const { clock, store } = desk;
  const callbackId = idOf(await bookCallback(deps, request(), desk.context()));
  const [start, attemptId] = [clock.now(), attemptIdOf(callbackId, 1)];
  const placeBy = iso(start + PLACE_WITHIN_MS);
  const begin = { type: 'StartAttempt', attemptId, attempt: 1, region: null, placeBy, now: iso(start) } as const;
  await handle(store, callbackKind, callbackStream(callbackId), begin, desk.context());
  const asked: number[] = [];
  const place = async (): Promise<ConnectorResult> => {
    asked.push(clock.now() - start);
    return answer(asked.length);
  };
  const placement = {
    ...{ attemptId, placeBy, callbackId, queue, phoneNumber: '+12125550142', region: null, userData: {} },
    ...{ displayName: null, displayNumber: null, routePoint: null },
  };
  const shared = { store, clock, configuration: deps.configuration, isBarred: () => false, signal: new AbortController().signal };
  const spread = random === undefined ? {} : { random: () => random };
  const waiting = clock.waiting();
  const placed = placeUntil({ ...shared, ...spread, connector: { place } }, placement, start + PLACE_WITHIN_MS);
  let result: ConnectorResult | undefined;
  void placed.then((value) => {
    result = value;
  });
  while (result === undefined) {
    if (clock.waiting() > waiting) await clock.advanceBy(25);
    else await turn();
  }
  return { asked, result: await placed };
};

describe('a contact center that can’t be reached is asked again', () => {
  it('until the attempt can’t be placed any more, and then no more', async () => {
    const { asked, result } = await placing(() => UNREACHABLE);
    expect(result).toEqual({ kind: 'unreachable', cause: 'PLACE_BY_PASSED' });
    expect(Math.max(...asked)).toBeLessThan(PLACE_WITHIN_MS);
    expect(asked.length).toBeGreaterThan(5);
  });

  it.each([0, 0.25, 0.5, 0.999])('after pauses that double up to two seconds, spread by chance (%d)', async (random) => {
    const { asked } = await placing((times) => (times < 8 ? UNREACHABLE : { kind: 'accepted' }), random);
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    for (const [index, pause] of pauses.entries()) {
      const least = Math.min(100 * 2 ** index, 2_000) * (0.5 + random);
      if ((asked[index] ?? 0) + least < PLACE_WITHIN_MS) expect(pause).toBeGreaterThanOrEqual(Math.floor(least));
    }
    expect(asked.length).toBeGreaterThanOrEqual(random === 0.999 ? 6 : 7);
  });

  it('but never where the message may have arrived, or was refused', async () => {
    for (const answer of [
      { kind: 'unknown', cause: 'TIMEOUT' },
      { kind: 'refused', status: 400, reason: 'NO_LINE' },
    ] as const) {
      const { asked, result } = await placing(() => answer);
      expect([asked.length, result]).toEqual([1, answer]);
    }
  });
});
