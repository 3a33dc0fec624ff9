import { expect, it } from 'vitest';
import { demoOptions } from '../../src/demo/options.ts';
import { queueLimits } from '../../src/demo/settings.ts';

it('has a default for each option', () =>
  expect(demoOptions([])).toMatchObject({ day: '1999-03-01', speed: 600, share: 0.3, scheduled: 0.2, agents: 10, seed: 1 }));

it('reads what is given', () =>
  expect(
    demoOptions([
      '--file',
      'a.csv',
      '--day',
      '1999-12-31',
      '--speed=60',
      '--share',
      '1',
      '--scheduled',
      '0',
      '--agents',
      '3',
      '--seed',
      '9',
    ]),
  ).toEqual({
    file: 'a.csv',
    day: '1999-12-31',
    speed: 60,
    share: 1,
    scheduled: 0,
    agents: 3,
    seed: 9,
  }));

it.each([
  ['--speed', '0'],
  ['--speed', 'fast'],
  ['--speed', ''],
  ['--share', '1.1'],
  ['--scheduled', '-1'],
  ['--agents', '2.5'],
  ['--agents', '0'],
  ['--seed', '0.1'],
  ['--day', '1999-02-31x'],
  ['--day', '1999-13-01'],
])('refuses %s=%s, naming the option', (name, value) => expect(() => demoOptions([`${name}=${value}`])).toThrow(name));

it('refuses an option there isn’t, and shows those there are', () => expect(() => demoOptions(['--sped', '5'])).toThrow(/sped.*--speed/s));

it('widens the queue’s limits with the clock’s speed, within an hour', () => {
  expect(queueLimits(1)).toEqual({ placeWithinSeconds: 11, ringLimitSeconds: 61, reportLimitSeconds: 121 });
  expect(queueLimits(600)).toEqual({ placeWithinSeconds: 310, ringLimitSeconds: 360, reportLimitSeconds: 720 });
  expect(queueLimits(10_000)).toEqual({ placeWithinSeconds: 3_600, ringLimitSeconds: 3_600, reportLimitSeconds: 3_600 });
});
