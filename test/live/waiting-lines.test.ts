import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { attemptIdOf } from '../../src/domain/callback/events.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import { initialConfiguration } from '../../src/domain/configuration/state.ts';
import { departuresView } from '../../src/live/departures.ts';
import { flowView } from '../../src/live/flow.ts';
import { waitingLine } from '../../src/live/waiting-line.ts';
import { waitingLinesView } from '../../src/live/waiting-lines.ts';
import { samples } from '../eventstore/samples.ts';
import { ids, play, queues, someZones, step } from './lines-oracle.ts';
import { memoryLog } from './log.ts';

const steps = fc.array(step, { maxLength: 60, size: 'max' });
const holds = (look: Parameters<typeof play>[1]) =>
  fc.assert(
    fc.property(steps, (given) => play(given, look)),
    { numRuns: 300 },
  );

describe('the waiting lines, against plain arrays, whatever happens and whenever settings change', () => {
  it('are in the order of priority, which ages, then of entry', () =>
    holds(({ view, expected, now }) => {
      for (const queue of queues) {
        const line = [...view.inOrder(queue, now)];
        expect(line.map(({ standing }) => standing)).toEqual(expected.lineOf(queue));
        expect(line.map(({ callback }) => callback.id)).toEqual(line.map(({ standing }) => standing.id));
        expect(view.inLine(queue)).toBe(line.length);
      }
    }));
  it('show everybody who waits in that order, those beside the line in their places, also from the middle on', () =>
    holds(({ view, expected, now }) => {
      for (const queue of queues) {
        const all = [...view.everybody(queue, now)];
        expect(all.map(({ standing }) => standing)).toEqual(expected.everybodyIn(queue));
        expect(all.filter(({ beside }) => beside).map(({ standing }) => standing)).toEqual(expected.besideIn(queue));
        for (const [index, { callback }] of all.entries())
          expect([...view.everybody(queue, now, callback)].map(({ standing }) => standing)).toEqual(
            all.slice(index + 1).map(({ standing }) => standing),
          );
      }
    }));
  it('leave out those in some zones, wherever in the line those stand, and count them', () =>
    holds(({ view, expected, now }) => {
      for (const queue of queues) {
        for (const without of [new Set(['']), new Set(['Europe/Paris']), new Set(['Europe/Paris', '', 'Europe/Lisbon Europe/Paris'])])
          expect([...view.inOrder(queue, now, without)].map(({ standing }) => standing)).toEqual(expected.lineOf(queue, without));
        const zones = new Map(
          someZones.map((some) => [some, [...view.inOrder(queue, now)].filter(({ callback }) => callback.zones === some).length]),
        );
        for (const [some, count] of zones) if (count === 0) zones.delete(some);
        expect(new Map(view.zonesIn(queue))).toEqual(zones);
      }
    }));
  it('give everybody who waits their position, and 0 to everybody else', () =>
    holds(({ view, expected }) => {
      expect(ids.map(view.positionOf)).toEqual(ids.map(expected.positionOf));
    }));
  it('count attempts in flight from their decision to a failing outcome, an agent or the end', () =>
    holds(({ view, expected }) => {
      expect(new Map([...view.inFlight()].sort())).toEqual(expected.inFlight);
    }));
  it('are tried with every state that there is', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(steps, (given) => play(given, ({ expected }) => expected.states.forEach((state) => void seen.add(state)))),
      { numRuns: 300, seed: 1 },
    );
    expect([...seen].sort()).toEqual(['COMPLETED', 'PROCESSING', 'QUEUED', 'ROUTING', 'SCHEDULED']);
  });
  it('know who is open, and where somebody waits', () =>
    holds(({ view, expected }) => {
      expect(queues.map(view.openCallbacks)).toEqual(queues.map(expected.openIn));
      expect([...view.waitingQueues()].sort()).toEqual(queues.filter((queue) => expected.lineOf(queue).length > 0));
    }));
});

describe('a decision about an attempt that another decision has begun before', () => {
  it('takes nobody out of line, for nothing will follow from it', () => {
    const log = memoryLog();
    const view = waitingLinesView(() => initialConfiguration, { now: () => 0, at: () => () => {} }, departuresView());
    const tell = (streamId: string, ...events: readonly DomainEvent[]) => {
      for (const event of log.append(streamId, ...events)) view.apply(event);
    };
    const ofFirst = { attemptId: attemptIdOf('c', 1), attempt: 1 };
    const decided: DomainEvent = {
      type: 'AttemptDecided',
      data: { ...samples.AttemptDecided, ...ofFirst, queue: 'sales', callbackId: 'c' },
    };
    tell('callback-c', { type: 'CallbackBooked', data: { ...samples.CallbackBooked, queue: 'sales' } });
    tell('callback-c', { type: 'CallbackQueued', data: { ...samples.CallbackQueued, queue: 'sales' } });
    tell('dispatch', decided);
    tell('callback-c', { type: 'CallbackDeferred', data: { ...samples.CallbackDeferred, queue: 'sales' } });
    tell(
      'callback-c', // the first decision lapses meanwhile
      { type: 'CallbackAttemptStarted', data: { ...samples.CallbackAttemptStarted, ...ofFirst, queue: 'sales' } },
      { type: 'CallbackAttemptFailed', data: { ...samples.CallbackAttemptFailed, ...ofFirst, queue: 'sales', final: false } },
      { type: 'CallbackRequeued', data: { ...samples.CallbackRequeued, queue: 'sales' } },
    );
    tell('dispatch', decided);
    expect([view.inLine('sales'), view.inFlight()]).toEqual([1, new Map()]);
  });
});

describe('one long line', () => {
  it('ranks each of many as a sort does', () => {
    const ageing = { initial: 3, increment: 2, everySeconds: 30, limit: 40 };
    const line = waitingLine();
    const people = Array.from({ length: 2000 }, (_, index) => {
      const priority = index % 3 === 0 ? null : index % 5;
      return { id: `c-${index}`, priority, enteredAt: (index * 7919) % 500_000, zones: someZones[index % 7] ?? null };
    });
    for (const one of people) line.add(one);
    for (const one of people.filter((_, index) => index % 4 === 0)) line.remove(one);
    const inOrder = [...line.inOrder(ageing, 600_000)].map(({ waiting }) => waiting);
    expect(inOrder).toHaveLength(1500);
    expect(inOrder.map((one) => line.ahead(one, ageing, 600_000))).toEqual(inOrder.map((_, rank) => rank));
    const awake = [...line.inOrder(ageing, 600_000, { without: new Set(['Europe/Paris']) })].map(({ waiting }) => waiting);
    expect(awake).toEqual(inOrder.filter(({ zones }) => zones !== 'Europe/Paris'));
  });
});

describe('estimated waits', () => {
  const at = (seconds: number) => iso(1_000_000 + seconds * 1000);
  const connected = (seconds: number): DomainEvent => {
    const data = { queue: 'sales', attemptId: 'c.1', agentId: null, reportedAt: null, at: at(seconds) };
    return { type: 'CallbackConnected', data };
  };
  it('are unknown until two have left the queue, then the mean gap of the last 32 for everybody who waits', () => {
    const log = memoryLog();
    const departures = departuresView();
    const view = waitingLinesView(() => initialConfiguration, { now: () => 0, at: () => () => {} }, departures);
    const leave = (seconds: number) => {
      for (const event of log.append('callback-c', connected(seconds))) departures.apply(event);
    };
    expect(view.estimatedWait('sales')).toBeNull();
    leave(0);
    expect(view.estimatedWait('sales')).toBeNull();
    leave(10);
    expect(view.estimatedWait('sales')).toBe(0);
    expect(departures.meanGapSeconds('sales')).toBe(10);
    for (let n = 0; n < 40; n++) leave(100 + n * 4);
    expect(departures.meanGapSeconds('sales')).toBe(4);
    expect(view.estimatedWait('support')).toBeNull();
  });
  it('and positions count those who wait on the line: all of them in the wait of the queue, those who come first in a position', () => {
    const log = memoryLog();
    const departures = departuresView();
    const flow = flowView();
    const clock = { now: () => 2_000_000, at: () => () => {} };
    const view = waitingLinesView(() => initialConfiguration, clock, departures, flow);
    const { CallbackBooked: booked, CallbackQueued: queued } = samples;
    const overrides = { ...booked.overrides, priority: 5 };
    for (const event of [
      ...log.append('callback-c', { type: 'CallbackBooked', data: { ...booked, queue: 'sales', overrides, at: at(0) } }),
      ...log.append('callback-c', { type: 'CallbackQueued', data: { ...queued, queue: 'sales', at: at(0) } }),
    ])
      view.apply(event);
    departures.tell('pbx', { queue: 'sales', distributedAt: [0, 10_000] });
    const caller = (priority: number, seconds: number) => ({ priority, enteredAt: Date.parse(at(seconds)) });
    const waiting = [caller(6, 9), caller(5, -1), caller(5, 1), caller(0, -5)];
    flow.report({ source: 'pbx', sequence: 1, full: true, queues: [{ queue: 'sales', waiting, distributedAt: [] }] }, 2_000_000);
    expect([view.positionOf('c'), view.estimatedWaitOf('c')]).toEqual([3, 30]);
    expect([view.queued('sales'), view.estimatedWait('sales'), view.nextPosition('sales')]).toEqual([1, 50, 6]);
  });
});
