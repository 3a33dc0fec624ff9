import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
/** Events that commands read, of the streams of settings and access. */
const read: string[] = [];
beforeAll(async () => {
  api = await startApi((deps) => {
    const { store } = deps.commands;
    const readStream: typeof store.readStream = async function* (streamId, options) {
      for await (const event of store.readStream(streamId, options)) {
        read.push(`${streamId} ${event.type}`);
        yield event;
      }
    };
    return { commands: { ...deps.commands, store: { ...store, readStream } } };
  });
}, 60_000);
afterAll(() => api.close());

const put = async (path: string, body: object): Promise<number> => {
  const headers = { authorization: `Bearer ${api.adminToken}`, 'if-match': '*' };
  return (await ask(api.url, 'PUT', `/api${path}`, headers, body)).status;
};

const edits: [path: string, body: (n: number) => object][] = [
  ['/queue-settings/demo', (n) => ({ slotCapacity: n })],
  ['/business-hours/office', (n) => ({ zone: 'UTC', weekly: { mon: [['08:00', n % 2 === 0 ? '17:00' : '18:00']] } })],
  ['/rules/numbers/own', (n) => ({ countries: n % 2 === 0 ? ['US'] : ['CA'] })],
  ['/rules/capacity/few/statement', (n) => ({ days: { mon: { '09:00': n } }, duration: 60 })],
  ['/queues/demo/rules', (n) => ({ numbers: n % 2 === 0 ? 'own' : null })],
  ['/queues/demo/stop', (n) => ({ stopped: n % 2 === 0, reason: 'tried' })],
  ['/folders/west', (n) => ({ queues: n % 2 === 0 ? ['demo'] : [] })],
  ['/access-groups/night', (n) => ({ roles: n % 2 === 0 ? ['Monitor'] : [], members: [], reads: [] })],
];

it('an edit reads what came after this node’s own fold, and so nothing however many were before', async () => {
  for (const path of ['/business-hours/office', '/rules/numbers/own', '/rules/capacity/few', '/folders/west', '/access-groups/night']) {
    const body = edits.find(([one]) => one.startsWith(path))?.[1](1) ?? {};
    const headers = { authorization: `Bearer ${api.adminToken}`, 'if-none-match': '*' };
    expect((await ask(api.url, 'PUT', `/api${path}`, headers, body)).status).toBe(201);
  }
  read.length = 0;
  for (let n = 2; n < 6; n++) for (const [path, body] of edits) expect([path, await put(path, body(n))]).toEqual([path, 200]);
  expect(read).toEqual([]);
});
