import fc from 'fast-check';
import { expect, it } from 'vitest';
import { demoClock } from '../../src/demo/demo-clock.ts';
import { manualClock } from '../support/manual-clock.ts';

const start = Date.parse('1999-03-01T00:00:00Z');
const setUp = (save: (instant: number) => void = () => {}, from = start) => {
  const machine = manualClock(1_000_000);
  const saved: number[] = [];
  const time = demoClock({
    machine,
    start: from,
    everyMs: 100,
    aheadMs: 300,
    save: (instant) => {
      save(instant);
      saved.push(instant);
    },
  });
  return { machine, saved, ...time };
};

it('runs at the machine’s pace first, then at the speed asked for', async () => {
  const { machine, clock, run } = setUp();
  await machine.advanceBy(500);
  expect(clock.now()).toBe(start + 500);
  run(600);
  await machine.advanceBy(1_000);
  expect(clock.now()).toBe(start + 500 + 600_000);
});

it('calls at the instant asked for, in order, also what was asked before the speed changed', async () => {
  const { machine, clock, run } = setUp();
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.now() - start]);
  clock.at(start + 120_000, note('two minutes'));
  clock.at(start + 60_000, note('a minute'));
  clock.at(start + 90_000, note('cancelled'))();
  run(600);
  await machine.advanceBy(99);
  expect(fired).toEqual([]);
  await machine.advanceBy(1);
  expect(fired).toEqual([['a minute', 60_000]]);
  await machine.advanceBy(100);
  expect(fired).toEqual([
    ['a minute', 60_000],
    ['two minutes', 120_000],
  ]);
});

it('started again from what was saved it never goes back, whenever it was killed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2_000 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 }),
      async (speed, steps) => {
        const { machine, clock, run, saved } = setUp();
        run(speed);
        for (const step of steps) {
          await machine.advanceBy(step);
          const again = setUp(undefined, saved.at(-1));
          expect(again.clock.now()).toBeGreaterThanOrEqual(clock.now());
          expect(again.clock.now() - clock.now()).toBeLessThanOrEqual(300 * speed);
        }
      },
    ),
    { numRuns: 20 },
  );
});

it('stands still rather than use an instant that wasn’t saved, and goes on once it can be', async () => {
  let full = false;
  const { machine, clock, run } = setUp(() => {
    if (full) throw new Error('no space left');
  });
  run(600);
  full = true;
  await machine.advanceBy(2_000);
  expect(clock.now()).toBe(start + 300 * 600);
  const fired: number[] = [];
  clock.at(start + 600_000, () => fired.push(clock.now()));
  await machine.advanceBy(2_000);
  expect(fired).toEqual([]);
  full = false;
  await machine.advanceBy(200);
  expect(clock.now()).toBe(start + 4_200 * 600);
  expect(fired).toHaveLength(1);
});

it('saves the exact instant when it stops, and stands still from then on', async () => {
  const { machine, clock, run, stop, saved } = setUp();
  run(600);
  clock.at(start + 3_600_000, () => expect.unreachable());
  await machine.advanceBy(1_050);
  stop();
  expect(saved.at(-1)).toBe(start + 630_000);
  await machine.advanceBy(60_000);
  expect(clock.now()).toBe(start + 630_000);
  expect(machine.waiting()).toBe(0);
});
