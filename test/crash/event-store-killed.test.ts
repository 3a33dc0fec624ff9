import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from './support/built.ts';
import { dialingFaults } from './support/dialing.ts';
import { startEventStore } from './support/facts.ts';
import { freePort } from './support/http.ts';
import { idIn } from './support/load.ts';
import { listed } from './support/read-back.ts';
import { isReady, putQueue, shortSettings } from './support/service.ts';
import { callbacksOf, QUEUE, type Stage, secretsKey, startStage } from './support/stage.ts';
import { PATIENCE_MS, TEST_MS, until } from './support/until.ts';

let folder: string;
let port: number;
let store: Awaited<ReturnType<typeof startEventStore>>;
let stage: Stage;

beforeAll(async () => {
  await build();
  folder = await mkdtemp(join(tmpdir(), 'ringback-events-'));
  port = await freePort();
  store = await startEventStore(folder, port);
  stage = await startStage({ seed: 'event store killed', env: { EVENTSTORE_URL: store.connectionString, SECRETS_KEY: secretsKey } });
  await putQueue(stage.service.url, QUEUE);
}, TEST_MS);
afterAll(async () => {
  await stage?.close();
  await store?.end();
  await rm(folder, { recursive: true, force: true });
}, TEST_MS);

describe('an event store that is killed, and comes back', { timeout: TEST_MS }, () => {
  it('lets the service answer 503 with Retry-After meanwhile, and go on by itself with all that it acknowledged', async () => {
    const { book, retrieve, cancel } = callbacksOf(stage.service.url);
    const before: string[] = [];
    const lanes = Array.from({ length: 4 }, async () => {
      for (let answer = await book(); answer?.status === 200; answer = await book()) before.push(idIn(answer) ?? '');
    });
    await until('bookings before the kill', PATIENCE_MS, () => before.length >= 20);
    await store.end();
    await Promise.all(lanes);

    const [first = ''] = before;
    for (const refused of [await book(), await retrieve(first), await cancel(first)]) {
      expect(refused?.status).toBe(503);
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    await until('it says that it is not ready', PATIENCE_MS, async () => !(await isReady(stage.service.url)));

    store = await startEventStore(folder, port);
    const after = await until('it books again', PATIENCE_MS, async () => {
      const answer = await book();
      return answer?.status === 200 ? idIn(answer) : undefined;
    });
    await until('it is ready again', PATIENCE_MS, () => isReady(stage.service.url));
    await until('all are completed', PATIENCE_MS, async () => {
      const completed = new Set((await listed(stage.service.url, '&state=COMPLETED'))?.map(({ id }) => id));
      return [...before, after].every((id) => completed.has(id));
    });
    expect(dialingFaults(stage.center.record(), shortSettings.ringLimitSeconds * 1000)).toEqual([]);
  });
});
