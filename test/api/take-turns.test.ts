import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { turnTaker } from '../../src/api/take-turns.ts';

/** Asks for `count` turns at once, and answers the numbers of those that have begun so far. */
const ask = (takeTurn: ReturnType<typeof turnTaker>, count: number, begun: number[] = []): number[] => {
  const from = begun.length;
  for (let n = 0; n < count; n++) takeTurn(() => void begun.push(from + n));
  return begun;
};

it('requests begin at once up to so many in a turn of the event loop, and the others in the turns after it, in order', async () => {
  const begun = ask(turnTaker(3), 8);
  const after = [begun.length];
  for (let turn = 0; turn < 3; turn++) {
    await setImmediate();
    after.push(begun.length);
  }
  expect(after).toEqual([3, 6, 8, 8]);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it('nobody who comes later overtakes one who waits', async () => {
  const takeTurn = turnTaker(2);
  const begun: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) takeTurn(() => void begun.push(name));
  await setImmediate();
  takeTurn(() => void begun.push('f'));
  await setImmediate();
  await setImmediate();
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it('once a turn of the event loop is over, as many may begin at once again', async () => {
  const takeTurn = turnTaker(2);
  const begun = ask(takeTurn, 2);
  await setImmediate();
  await setImmediate();
  expect(ask(takeTurn, 2, begun)).toHaveLength(4);
});
