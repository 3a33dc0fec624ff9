import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noRealPostgres, type RealPostgres, startRealPostgres } from '../projections/kit/real-postgres.ts';
import { dialingFaults } from './support/dialing.ts';
import { freezePostgres } from './support/frozen.ts';
import { idIn } from './support/load.ts';
import { listed } from './support/read-back.ts';
import { putQueue, shortSettings } from './support/service.ts';
import { callbacksOf, QUEUE, type Stage, secretsKey, startStage } from './support/stage.ts';
import { PATIENCE_MS, TEST_MS, until } from './support/until.ts';

const BOOKINGS_MEANWHILE = 40;

let folder: string;
let postgres: RealPostgres;
let stage: Stage;

const title = `a Postgres that is away for a while${noRealPostgres === undefined ? '' : ` (${noRealPostgres})`}`;

describe.skipIf(noRealPostgres !== undefined)(title, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ringback-no-postgres-'));
    postgres = await startRealPostgres();
    const env = { DATABASE_URL: postgres.connectionString, SECRETS_KEY: secretsKey };
    stage = await startStage({ seed: 'postgres stopped', dataDir: folder, env });
    await putQueue(stage.service.url, QUEUE);
  }, TEST_MS);
  afterAll(async () => {
    await stage?.close();
    await postgres?.close();
    await rm(folder, { recursive: true, force: true });
  }, TEST_MS);

  const ways = {
    'shut down': async () => {
      await postgres.stop();
      return postgres.start;
    },
    'frozen, so that it never answers': async () => {
      const thaw = freezePostgres(postgres.connectionString);
      return async () => thaw();
    },
  };

  for (const [way, away] of Object.entries(ways)) {
    it(
      `(${way}) doesn’t keep anybody from booking, retrieving, cancelling or reading histories; lists say so, and all catches up`,
      async () => {
        const { book, retrieve, cancel, history, list } = callbacksOf(stage.service.url);
        const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
        const early = idIn((await book(tomorrow)) ?? expect.fail('no answer')) ?? '';
        await until('the list shows it', PATIENCE_MS, async () => (await listed(stage.service.url))?.some(({ id }) => id === early));

        const back = await away();
        const meanwhile: string[] = [];
        const refusal = list();
        try {
          for (let n = 0; n < BOOKINGS_MEANWHILE; n++) {
            const answer = await book(n % 2 === 0 ? undefined : tomorrow);
            expect(answer?.status).toBe(200);
            const id = (answer && idIn(answer)) ?? '';
            meanwhile.push(id);
            expect((await retrieve(id))?.status).toBe(200);
            if (n % 4 === 1) expect((await cancel(id))?.status).toBe(200);
            expect((await history(id))?.status).toBe(200);
          }
          expect((await retrieve(early))?.status).toBe(200);
          expect((await cancel(early))?.status).toBe(200);
          const refused = await refusal;
          expect(refused?.status).toBe(503);
          expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
        } finally {
          await back();
        }

        await until('the list shows and says what happened meanwhile', PATIENCE_MS, async () => {
          const states = new Map((await listed(stage.service.url))?.map(({ id, callbackState }) => [id, callbackState]));
          const immediate = meanwhile.filter((_, n) => n % 2 === 0);
          const cancelled = meanwhile.filter((_, n) => n % 4 === 1);
          const isOver = [early, ...immediate, ...cancelled].every((id) => states.get(id) === 'COMPLETED');
          return isOver && meanwhile.every((id) => states.has(id));
        });
        expect(dialingFaults(stage.center.record(), shortSettings.ringLimitSeconds * 1000)).toEqual([]);
      },
      TEST_MS,
    );
  }
});
