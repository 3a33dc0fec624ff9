import { describe, expect, it } from 'vitest';
import { sleepUntil, startClock } from '../src/clock.ts';

const HOUR_MS = 3_600_000;

describe('the real time of day', () => {
  it('is waited for also when it is set forward, or the machine slept, meanwhile', async () => {
    let step = 0;
    const clock = startClock(undefined, () => Date.now() + step);
    const waiting = sleepUntil(clock, clock.now() + HOUR_MS);
    step = HOUR_MS;
    await waiting;
    expect(step).toBe(HOUR_MS);
  });

  it('is waited for anew when it is set back', async () => {
    let step = 0;
    let reached = false;
    const clock = startClock(undefined, () => Date.now() + step);
    const instant = clock.now() + 1;
    const waiting = sleepUntil(clock, instant).then(() => {
      reached = true;
    });
    step = -HOUR_MS;
    await sleepUntil(startClock(), Date.now() + 50);
    expect(reached).toBe(false);
    step = 0;
    await waiting;
    expect(clock.now()).toBeGreaterThanOrEqual(instant);
  });
});
