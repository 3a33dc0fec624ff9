import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { sleepUntil } from '../../src/clock.ts';
import { manualClock } from './manual-clock.ts';

it('fires in the order of instants, and of asking within one', async () => {
  const clock = manualClock(1_000);
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
  clock.at(1_300, note('c'));
  clock.at(1_100, note('a'));
  clock.at(1_300, note('d'));
  clock.at(1_200, note('b'));
  await clock.advanceTo(1_299);
  expect(fired).toEqual(['a@1100', 'b@1200']);
  await clock.advanceBy(1);
  expect(fired).toEqual(['a@1100', 'b@1200', 'c@1300', 'd@1300']);
});

it('calls what is due already without being moved, and never what was cancelled', async () => {
  const clock = manualClock(1_000);
  const fired: string[] = [];
  clock.at(900, () => fired.push('past'));
  clock.at(900, () => fired.push('cancelled'))();
  clock.at(1_500, () => fired.push('cancelled later'))();
  await clock.settle();
  expect(fired).toEqual(['past']);
  await clock.advanceTo(2_000);
  expect(fired).toEqual(['past']);
  expect(clock.waiting()).toBe(0);
});

it('fires what is asked for while it moves', async () => {
  const clock = manualClock(0);
  const woke: number[] = [];
  const loop = async () => {
    for (let i = 1; i <= 5; i++) {
      await sleepUntil(clock, i * 10);
      woke.push(clock.now());
    }
  };
  const done = loop();
  await clock.advanceTo(45);
  expect(woke).toEqual([10, 20, 30, 40]);
  await clock.advanceTo(50);
  await done;
  expect(woke).toEqual([10, 20, 30, 40, 50]);
});

it('lets an exchange over HTTP end before it goes on to the next instant', async () => {
  const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const clock = manualClock(0);
  const order: string[] = [];
  for (const instant of [10, 11, 12])
    clock.at(instant, async () => {
      order.push(`asked ${instant}`);
      await (await fetch(`http://127.0.0.1:${address.port}/`)).text();
      order.push(`answered ${instant}`);
    });
  await clock.advanceTo(20);
  expect(order).toEqual(['asked 10', 'answered 10', 'asked 11', 'answered 11', 'asked 12', 'answered 12']);
});

it('advances until a condition holds, and says when it never does', async () => {
  const clock = manualClock(0);
  let count = 0;
  const tick = () => {
    count++;
    if (count < 10) clock.at(clock.now() + 100, tick);
  };
  clock.at(100, tick);
  await clock.advanceUntil(() => count === 4);
  expect(clock.now()).toBe(400);
  await expect(clock.advanceUntil(() => count === 11, 200)).rejects.toThrow('200 ms');
  await expect(clock.advanceUntil(() => count === 11)).rejects.toThrow('nothing waits');
});
