import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../embedded-event-store/server.ts';
import { askAboutAppends } from './ask-about-appends.ts';
import { askAboutDeletions } from './ask-about-deletions.ts';
import { askAboutReads } from './ask-about-reads.ts';
import { askAboutFilters, askAboutSubscriptions } from './ask-about-subscriptions.ts';
import { startAsking } from './asking.ts';
import { differences } from './differences.ts';
import { maskPositions } from './render.ts';

/** The recording: the lines under each title; a title that comes again has its number behind it. */
const readRecording = (): Map<string, string[]> => {
  const recorded = new Map<string, string[]>();
  const times = new Map<string, number>();
  let lines: string[] = [];
  for (const line of readFileSync(new URL('recorded.txt', import.meta.url), 'utf8').split('\n')) {
    if (line.startsWith('== ')) {
      const title = line.slice(3);
      const nth = (times.get(title) ?? 0) + 1;
      times.set(title, nth);
      lines = [];
      recorded.set(nth === 1 ? title : `${title} (${nth})`, lines);
    } else if (line !== '' && !line.startsWith('   (raw ')) lines.push(line.slice(3));
  }
  return recorded;
};

const recorded = readRecording();
const answers = new Map<string, string[]>();
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  const asking = startAsking(`127.0.0.1:${server.server.port}`, maskPositions(), recorded, answers);
  await askAboutAppends(asking);
  await askAboutReads(asking);
  await askAboutDeletions(asking);
  await askAboutSubscriptions(asking);
  await askAboutFilters(asking);
  asking.close();
});
afterAll(() => server.stop());

describe('on the wire it answers as a recorded EventStoreDB 23.10.6', () => {
  const named = new Set(differences.map((d) => d.title));
  it.each([...recorded.keys()].filter((title) => !named.has(title)))('%s', (title) => {
    expect(answers.get(title)).toEqual(recorded.get(title));
  });
});

describe('but for differences that are named', () => {
  it.each(differences)('$title: $reason', ({ title, answer }) => {
    expect(answers.get(title)).toEqual(answer);
    expect(answers.get(title)).not.toEqual(recorded.get(title));
  });
});

it('was asked everything that was recorded', () => {
  expect([...answers.keys()].sort()).toEqual([...recorded.keys()].sort());
});
