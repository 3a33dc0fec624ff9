import { describe, expect, it } from 'vitest';
import { iso, sleepUntil, startClock } from '../../src/clock.ts';
import { manualClock } from '../support/manual-clock.ts';

describe('the clock', () => {
  it('calls at its instant, never before', async () => {
    const clock = startClock({ start: Date.parse('1999-03-01T00:00:00.000Z'), speed: 10_000 });
    const due = clock.now() + 60_000;
    await sleepUntil(clock, due);
    expect(clock.now()).toBeGreaterThanOrEqual(due);
  });
  it('begins at its start, and runs at its speed', async () => {
    const start = Date.parse('1999-03-01T00:00:00.000Z');
    const [begun, clock] = [performance.now(), startClock({ start, speed: 600 })];
    const read = clock.now();
    expect(read).toBeGreaterThanOrEqual(start);
    expect(read).toBeLessThanOrEqual(start + (performance.now() - begun) * 600);
  });
  it('is the time of day unless told otherwise', () => {
    const [before, now, after_] = [Date.now(), startClock().now(), Date.now()];
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(after_);
  });
  it('never calls what was cancelled', async () => {
    const clock = startClock({ start: 0, speed: 10_000 });
    let called = false;
    clock.at(10_000, () => {
      called = true;
    })();
    await sleepUntil(clock, 30_000);
    expect(called).toBe(false);
  });
  it('waits longer than a timer can', async () => {
    const clock = startClock({ start: 0, speed: 1 });
    let called = false;
    const cancel = clock.at(2 ** 33, () => {
      called = true;
    });
    await sleepUntil(clock, 5);
    cancel();
    expect(called).toBe(false);
  });
});

describe('waiting', () => {
  it('ends at once when it is given up', async () => {
    const clock = manualClock(0);
    const stop = new AbortController();
    const slept = sleepUntil(clock, 1_000, stop.signal);
    stop.abort();
    await slept;
    expect(clock.waiting()).toBe(0);
    await sleepUntil(clock, 1_000, stop.signal);
  });
  it('leaves no listener behind', async () => {
    const clock = manualClock(0);
    const stop = new AbortController();
    const slept = sleepUntil(clock, 1_000, stop.signal);
    await clock.advanceTo(1_000);
    await slept;
    stop.abort();
    expect(clock.waiting()).toBe(0);
  });
});

it('an instant is written in UTC with milliseconds', () => expect(iso(0)).toBe('1970-01-01T00:00:00.000Z'));
