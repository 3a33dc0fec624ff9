import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addOccupancy } from '../../src/demo/demo.ts';
import { percentile, summarize } from '../../src/demo/summary.ts';
import { summaryTable } from '../../src/demo/summary-table.ts';

const fact = (type: string, minute: number, data: Record<string, unknown> = {}) => ({
  type,
  at: `1999-03-01T10:${String(minute).padStart(2, '0')}:00.000Z`,
  data,
});
const agent = { id: 'agent-01', state: 'READY' as const, readyMs: 60_000, busyMs: 30_000, awayMs: 10_000, outMs: 0, calls: 2 };

const day = () =>
  summarize({
    day: '1999-03-01',
    offered: 10,
    planned: 5,
    refused: { '7041': 1 },
    callbacks: [
      { id: 'a', callbackState: 'COMPLETED', callbackReason: 'AGENT', kind: 'immediate' },
      { id: 'b', callbackState: 'COMPLETED', callbackReason: 'AGENT', kind: 'scheduled' },
      { id: 'c', callbackState: 'COMPLETED', callbackReason: 'ATTEMPTS_EXHAUSTED', kind: 'immediate' },
      { id: 'd', callbackState: 'QUEUED', kind: 'immediate' },
    ],
    histories: [
      [
        fact('CallbackBooked', 0),
        fact('CallbackQueued', 0),
        fact('CallbackAttemptStarted', 1),
        fact('CallbackAttemptFailed', 2, { outcome: 'BUSY' }),
        fact('CallbackQueued', 2),
        fact('CallbackAttemptStarted', 7),
        fact('CallbackAttemptAnswered', 8),
        fact('CallbackConnected', 8),
        fact('CallbackCompleted', 12),
      ],
      [
        fact('CallbackBooked', 0),
        fact('CallbackQueued', 30),
        fact('CallbackAttemptStarted', 31),
        fact('CallbackAttemptAnswered', 32),
        fact('CallbackConnected', 32),
        fact('CallbackCompleted', 40),
      ],
      [
        fact('CallbackBooked', 0),
        fact('CallbackQueued', 0),
        fact('CallbackAttemptStarted', 1),
        fact('CallbackAttemptFailed', 2, { outcome: 'INVALID_NUMBER' }),
      ],
      [fact('CallbackBooked', 0), fact('CallbackQueued', 0), fact('CallbackAttemptStarted', 1)],
    ],
    agents: [agent],
  });

it('adds up bookings, completions, attempts and the wait from entering the line until connected', () =>
  expect(day()).toMatchObject({
    booked: { immediate: 3, scheduled: 1 },
    completed: { AGENT: 2, ATTEMPTS_EXHAUSTED: 1 },
    open: { QUEUED: 1 },
    attempts: { ANSWERED: 2, BUSY: 1, INVALID_NUMBER: 1, 'no outcome': 1 },
    waiting: { connected: 2, p50Ms: 120_000, p90Ms: 480_000, p99Ms: 480_000 },
  }));

it('prints an aligned table', () =>
  expect(`\n${summaryTable(day())}`).toBe(`
Day 1999-03-01
Calls offered                       10
Callbacks asked for                  5  50.0 % of the calls
Refused, by code                     1
  7041                               1  100.0 %
Booked                               4
  immediate                          3  75.0 %
  scheduled                          1  25.0 %
Completed                            3
  AGENT                              2  66.7 %
  ATTEMPTS_EXHAUSTED                 1  33.3 %
Left open when the demo ended        1
  QUEUED                             1  100.0 %
Attempts                             5
  ANSWERED                           2  40.0 %
  BUSY                               1  20.0 %
  INVALID_NUMBER                     1  20.0 %
  no outcome                         1  20.0 %
Waiting time until connected         2  mm:ss
  p50                            02:00
  p90                            08:00
  p99                            08:00
Agents                               1  40.0 % occupied
  agent-01                     2 calls  40.0 % occupied
`));

it('has no waiting time when nobody was connected', () => {
  const empty = { day: '1999-03-01', offered: 0, planned: 0, refused: {}, callbacks: [], histories: [], agents: [] };
  expect(summaryTable(summarize(empty))).toMatch(/p50 +–\n/);
});

it('a percentile is one of the values, with that share at or below it', () =>
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.constantFrom(0.5, 0.9, 0.99), (values, share) => {
      const value = percentile(values, share);
      expect(values).toContain(value);
      expect(values.filter((v) => v <= value).length).toBeGreaterThanOrEqual(share * values.length);
      expect(values.filter((v) => v < value).length).toBeLessThan(share * values.length);
    }),
  ));

it('an agent’s time adds up over the runs of a demo', () => {
  const gone = { ...agent, id: 'agent-02' };
  expect(addOccupancy([agent, gone], [{ ...agent, state: 'BUSY', calls: 1 }])).toEqual([
    { id: 'agent-01', state: 'BUSY', readyMs: 120_000, busyMs: 60_000, awayMs: 20_000, outMs: 0, calls: 3 },
    gone,
  ]);
});
