import { describe, expect, it } from 'vitest';
import { callbackStream } from '../../src/domain/callback/events.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import { duplicatesStream } from '../../src/domain/duplicates/events.ts';
import { numberClaims } from '../../src/processes/number-claims.ts';
import { booked, cancelled, completed, ID, immediate, lapsed, NOW, queue } from '../domain/callback/facts.ts';
import { context } from '../eventstore/samples.ts';
import { owed } from './owed.ts';

const numbers = duplicatesStream(queue, 'n');
const own = { queue, callbackId: ID, number: 'n' };
const claimed = (claimId = 'cl-1', decidedAt: number | null = null): DomainEvent => ({
  type: 'NumberClaimed',
  data: { ...own, claimId, most: 1, decidedAt, at: NOW },
});
const released = (claimId = 'cl-1'): DomainEvent => ({ type: 'NumberReleased', data: { ...own, claimId, because: 'LAPSED', at: NOW } });
const bookedOn = (claimId = 'cl-1'): DomainEvent => booked({ ...immediate, claim: { claimId, number: 'n' } });
const owedAfter = (...events: readonly DomainEvent[]) => {
  const { commandId, correlationId, causationId, actor } = context;
  const history = events.map((event, index) => ({
    ...event,
    streamId: event.type.startsWith('Number') ? numbers : callbackStream(ID),
    ...{ id: `e-${index}`, revision: BigInt(index), position: BigInt(index) },
    metadata: { version: 1, correlationId, causationId, commandId, actor },
  }));
  return owed(numberClaims, history, ID);
};
const claim = { claimId: 'cl-1', number: 'n' };
const lapse = {
  'lapse:cl-1': { group: 'unused-hold', anchor: NOW, command: { type: 'LapseClaim', queue, callbackId: ID, claim, decidedAt: null } },
};
const release = (because: string) => ({
  'release:cl-1': { group: 'give-back', anchor: NOW, command: { type: 'ReleaseClaim', queue, callbackId: ID, claim, because } },
});

describe('claims on numbers', () => {
  it('lapse when no booking comes, and are kept when it does', () => {
    expect(owedAfter(claimed())).toEqual(lapse);
    expect(owedAfter(claimed(), bookedOn())).toEqual({});
  });
  it('are still to be released after the lapse was decided, until they are', () => {
    expect(owedAfter(claimed(), lapsed('cl-1'))).toEqual(lapse);
    expect(owedAfter(claimed(), lapsed('cl-1'), released())).toEqual({});
  });
  it.each([
    ['cancelled', cancelled(), 'CANCELLED'],
    ['over', completed(), 'ENDED'],
  ] as const)('of a callback that is %s are released', (_, end, because) => {
    expect(owedAfter(claimed(), bookedOn(), end)).toEqual(release(because));
    expect(owedAfter(claimed(), bookedOn(), end, released())).toEqual({});
    expect(owedAfter(claimed(), bookedOn(), released(), end)).toEqual({});
  });
  it('of two bookings under one key: the one that nobody uses lapses', () =>
    expect(owedAfter(claimed('cl-2'), claimed(), bookedOn('cl-2'))).toEqual(lapse));
});
