import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallbackRow, view } from '../../src/domain/callback/view.ts';
import { type Configuration, initialConfiguration } from '../../src/domain/configuration/state.ts';

const states = ['SCHEDULED', 'QUEUED', 'ROUTING', 'PROCESSING', 'COMPLETED'] as const;
const instant = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const row = (fixed: Partial<CallbackRow> = {}): fc.Arbitrary<CallbackRow> =>
  fc
    .record({
      id: fc.uuid(),
      queue: fc.constantFrom('wide', 'gone'),
      kind: fc.constantFrom('IMMEDIATE' as const, 'SCHEDULED' as const),
      direction: fc.constantFrom('USERTERMINATED' as const, 'USERORIGINATED' as const),
      phoneNumber: fc.option(fc.constant('+15105550100')),
      state: fc.constantFrom(...states),
      reason: fc.option(fc.constantFrom('AGENT', 'CANCELLED_BY_ADMIN')),
      desiredTime: instant,
      createdAt: instant,
      updatedAt: instant,
      waiting: fc.record({ position: fc.nat(50), estimatedWaitSeconds: fc.option(fc.nat(5_000)) }),
    })
    .map((made) => ({ ...made, ...fixed }));
const asker = fc.record({ mayChange: fc.boolean() });
const now = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') });

const wideRow = { own: { desiredTimeWindowSeconds: 600 }, updatedAt: '', updatedBy: '', revision: 0n };
const configuration: Configuration = { ...initialConfiguration, queues: new Map([['wide', wideRow]]) };

const always = (property: (made: CallbackRow, at: number, mayChange: boolean, shown: ReturnType<typeof view>) => void, rows = row()) =>
  fc.assert(
    fc.property(rows, now, asker, (made, at, who) => {
      property(made, at, who.mayChange, view(made, configuration, at, who));
    }),
  );

describe('a callback as it is shown', () => {
  it('has its reason only when COMPLETED', () =>
    always((made, _, __, shown) => expect(shown.callbackReason).toBe(made.state === 'COMPLETED' ? (made.reason ?? undefined) : undefined)));

  it('has a place and an expected wait only when QUEUED, ROUTING or PROCESSING', () =>
    always(({ state, waiting }, _, __, { positionInQueue, estimatedWaitTime }) => {
      const expected = {
        QUEUED: [waiting.position, waiting.estimatedWaitSeconds ?? -1],
        ...{ ROUTING: [0, 0], PROCESSING: [0, 0], SCHEDULED: [undefined, undefined], COMPLETED: [undefined, undefined] },
      };
      expect([positionInQueue, estimatedWaitTime]).toEqual(expected[state]);
    }));

  it('is late exactly while SCHEDULED past its queue’s window, and by the default window where the queue is gone', () =>
    always(({ state, queue, desiredTime }, at, _, { late }) => {
      const windowMs = (queue === 'wide' ? 600 : 120) * 1000;
      expect(late).toBe(state === 'SCHEDULED' && at - Date.parse(desiredTime) > windowMs);
    }));

  it('becomes late one millisecond after its window', () =>
    fc.assert(
      fc.property(row({ state: 'SCHEDULED', queue: 'wide' }), (made) => {
        const end = Date.parse(made.desiredTime) + 600_000;
        expect([end, end + 1].map((at) => view(made, configuration, at, { mayChange: true }).late)).toEqual([false, true]);
      }),
    ));

  it('can be cancelled in any state but PROCESSING and COMPLETED, moved only when SCHEDULED, and recreated when COMPLETED with its number and queue there, by who may', () =>
    always(({ state, phoneNumber, queue }, _, mayChange, { canCancel, canReschedule, canRecreate }) => {
      expect(canCancel).toBe(mayChange && ['SCHEDULED', 'QUEUED', 'ROUTING'].includes(state));
      expect(canReschedule).toBe(mayChange && state === 'SCHEDULED');
      expect(canRecreate).toBe(mayChange && state === 'COMPLETED' && phoneNumber !== null && queue === 'wide');
    }));
});
