import { execFile, execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshPostgresDir } from '../support/postgres.ts';
import { idIn } from './support/load.ts';
import { listed } from './support/read-back.ts';
import { putQueue } from './support/service.ts';
import { callbacksOf, QUEUE, type Stage, startStage } from './support/stage.ts';
import { PATIENCE_MS, TEST_MS, until } from './support/until.ts';

const run = promisify(execFile);
const SIZE_MB = 160;

const mayMount = (): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', tmpdir()], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const leftOut = mayMount() ? '' : ' (left out: no right to mount a small disk here)';

let disk: string;
let stage: Stage;

/** Writes until nothing more fits. */
const fill = (file: string): void => {
  const handle = openSync(file, 'w');
  for (let size = 1 << 20; size >= 1; size >>= 4) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(size));
    } catch {
      // smaller pieces may still fit
    }
  }
  closeSync(handle);
};

describe.skipIf(leftOut !== '')(`a full disk${leftOut}`, () => {
  beforeAll(async () => {
    disk = await mkdtemp(join(tmpdir(), 'ringback-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'none', disk]);
    await cp(await freshPostgresDir(), join(disk, 'postgres'), { recursive: true });
    stage = await startStage({ seed: 'full disk', dataDir: disk });
    await putQueue(stage.service.url, QUEUE);
  }, TEST_MS);
  afterAll(async () => {
    await stage?.close();
    await run('umount', ['--lazy', disk]);
    await rm(disk, { recursive: true, force: true });
  }, TEST_MS);

  it(
    'refuses bookings with 503, loses none that was acknowledged, and works again once there is space',
    async () => {
      const { book, retrieve } = callbacksOf(stage.service.url);
      const acknowledged: string[] = [];
      const one = async () => {
        const answer = await book();
        if (answer?.status === 200) acknowledged.push(idIn(answer) ?? '');
        return answer;
      };
      for (let n = 0; n < 20; n++) await one();
      expect(acknowledged).toHaveLength(20);

      const filler = join(disk, 'filler');
      fill(filler);
      const refused = await until('a booking is refused', PATIENCE_MS, async () => {
        const answer = await one();
        return answer?.status === 200 ? undefined : answer;
      });
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      for (const id of acknowledged) expect((await retrieve(id))?.status).toBe(200);

      await rm(filler);
      await until('a booking is taken again', PATIENCE_MS, async () => (await one())?.status === 200);
      for (const id of acknowledged) expect((await retrieve(id))?.status).toBe(200);
      await until('all are completed', PATIENCE_MS, async () => {
        const completed = new Set((await listed(stage.service.url, '&state=COMPLETED'))?.map(({ id }) => id));
        return acknowledged.every((id) => completed.has(id));
      });
    },
    TEST_MS,
  );
});
