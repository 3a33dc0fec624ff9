import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startKeyBackups } from '../../src/service/key-backups.ts';
import { manualClock } from '../support/manual-clock.ts';

const START = Date.parse('2026-03-02T10:00:00.000Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const log = pino({ level: 'silent' });

let dir: string;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringback-key-backups-'));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(dir, { recursive: true });
});
const made = async () => (await readdir(dir)).sort();

const start = (at: number, makes: (to: string) => Promise<void> = async (to) => void (await mkdir(to))) => {
  const clock = manualClock(at);
  const { close } = startKeyBackups({ dir, everyHours: 24, keepDays: 3, backUp: makes, clock, log });
  closing.push(close);
  return { clock, close };
};

describe('backups of the key store', () => {
  it('are made at once and then as often as asked, and go when they are older than they may be', async () => {
    const { clock } = start(START);
    await clock.settle();
    expect(await made()).toEqual(['keys-2026-03-02T10-00-00.000Z']);
    await clock.advanceBy(2 * DAY_MS);
    expect(await made()).toEqual(['keys-2026-03-02T10-00-00.000Z', 'keys-2026-03-03T10-00-00.000Z', 'keys-2026-03-04T10-00-00.000Z']);
    await clock.advanceBy(2 * DAY_MS);
    expect(await made()).toEqual(['keys-2026-03-04T10-00-00.000Z', 'keys-2026-03-05T10-00-00.000Z', 'keys-2026-03-06T10-00-00.000Z']);
  });

  it('are made no more often because the service was started again', async () => {
    const first = start(START);
    await first.clock.settle();
    await first.close();
    const { clock } = start(START + 5 * HOUR_MS);
    await clock.advanceBy(18 * HOUR_MS);
    expect(await made()).toHaveLength(1);
    await clock.advanceBy(HOUR_MS);
    expect(await made()).toEqual(['keys-2026-03-02T10-00-00.000Z', 'keys-2026-03-03T10-00-00.000Z']);
  });

  it('are tried again soon when one fails, while old ones go all the same and nothing else does', async () => {
    for (const name of ['keys-2026-02-20T10-00-00.000Z', 'keys-of-the-house', 'events']) await mkdir(join(dir, name));
    let failures = 0;
    const { clock } = start(START, async (to) => {
      if (failures++ < 2) throw new Error('the disk is full');
      await mkdir(to);
    });
    await clock.settle();
    expect(await made()).toEqual(['events', 'keys-of-the-house']);
    await clock.advanceBy(5 * 60_000);
    expect(await made()).toEqual(['events', 'keys-2026-03-02T10-02-00.000Z', 'keys-of-the-house']);
  });
});
