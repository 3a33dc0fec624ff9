import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readDemoState, writeDemoState } from '../../src/demo/state-file.ts';

const identity = { file: 'a.csv', day: '1999-03-01', arrivals: 'abc', seed: 1, share: 0.3, scheduled: 0.2 };
const state = { demo: identity, instant: 920_246_400_000, settled: 7, refused: { '7041': 1 }, agents: [] };
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'demo-state-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

it('is nothing in an empty folder or one that isn’t there yet', () => {
  const empty = folder();
  expect(readDemoState(empty, identity)).toBeUndefined();
  expect(readDemoState(join(empty, 'deeper'), identity)).toBeUndefined();
});

it('is read as it was written, and leaves no other file', () => {
  const path = join(folder(), 'deeper');
  writeDemoState(path, { ...state, settled: 6 });
  writeDemoState(path, state);
  expect(readDemoState(path, identity)).toEqual(state);
  expect(readdirSync(path)).toEqual(['demo-clock.json']);
});

it.each([
  ['day', '1999-03-02', 'the day 1999-03-01'],
  ['file', 'b.csv', 'the arrivals of a.csv'],
  ['arrivals', 'xyz', 'other arrivals of a.csv'],
  ['seed', 2, 'seed 1'],
  ['share', 0.4, 'a share of 0.3'],
  ['scheduled', 0, '0.2 of the callbacks scheduled'],
])('refuses a demo with another %s, saying which one the folder holds', (key, value, sentence) => {
  const path = folder();
  writeDemoState(path, state);
  expect(() => readDemoState(path, { ...identity, [key]: value })).toThrow(sentence);
});

it('refuses a folder with the data of another service', () => {
  const path = folder();
  writeFileSync(join(path, 'lock'), '');
  expect(() => readDemoState(path, identity)).toThrow("data that isn't the demo's");
});

it('refuses a state that can’t be read, and doesn’t begin anew', () => {
  const path = folder();
  for (const text of ['', '{"instant":5}', 'nonsense']) {
    writeFileSync(join(path, 'demo-clock.json'), text);
    expect(() => readDemoState(path, identity)).toThrow("can't be read");
  }
});
