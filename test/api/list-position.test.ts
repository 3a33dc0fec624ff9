import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, at, failureOf } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
let asked: bigint[] = [];
let isReached = true;
beforeAll(async () => {
  api = await startApi(({ liveWaitFor }) => ({
    liveWaitFor: async (position, timeoutMs) => {
      asked.push(position);
      return isReached && (await liveWaitFor(position, timeoutMs));
    },
  }));
});
afterAll(() => api.close());

const rows = (headers: Record<string, string> = {}) =>
  ask(api.url, 'GET', '/api/queue-settings', { authorization: `Bearer ${api.adminToken}`, ...headers });

describe('the list of queues, which is held in memory', () => {
  it('waits for the position that is named, and says that it shows it', async () => {
    const made = await ask(api.url, 'PUT', '/api/queue-settings/made', { authorization: `Bearer ${api.adminToken}` }, {});
    const position = made.headers.get('x-position') ?? '';
    asked = [];
    const { headers, body } = await rows({ 'x-position': position });
    expect([asked, headers.get('x-lag-ms')]).toEqual([[BigInt(position)], '0']);
    expect(at(body, 'items')).toContainEqual(expect.objectContaining({ queue: 'made' }));
  });

  it('answers with what there is when the position doesn’t come, and says at least how far that is behind', async () => {
    isReached = false;
    const { status, headers } = await rows({ 'x-position': '9000000000' });
    expect([status, headers.get('x-lag-ms')]).toEqual([200, '2000']);
  });

  it('refuses a position that is none', async () => {
    expect(failureOf(await rows({ 'x-position': 'last' }))).toMatchObject({ status: 400, errors: [{ path: 'x-position' }] });
  });
});
