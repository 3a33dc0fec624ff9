import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ask, failureOf } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

/** A position that the log hasn't come to; the clock of these tests stands still, and so would a wait for it. */
const BEYOND = 10n ** 15n;

let api: TestApi;
let problem: string | null = null;
beforeAll(async () => {
  api = await startApi(({ readModels }) => ({
    readModels: { ...readModels, waitFor: async (position) => position < BEYOND, problem: async () => problem },
  }));
});
afterAll(() => api.close());

const list = (headers: Record<string, string> = {}) =>
  ask(api.url, 'GET', '/api/callbacks', { authorization: `Bearer ${api.adminToken}`, ...headers });
const lagOf = async (position: string) => Number((await list({ 'x-position': position })).headers.get('x-lag-ms'));

it('a list that doesn’t show the position it was asked for is not said to be up to date', async () => {
  expect(await lagOf('0')).toBe(0);
  expect(await lagOf(String(BEYOND))).toBeGreaterThanOrEqual(2_000);
});

it('a list that was folded from another log is not shown', async () => {
  problem = 'callback_list was folded from another log';
  expect(failureOf(await list())).toMatchObject({ status: 503 });
  problem = null;
  await vi.waitUntil(async () => (await list()).status === 200, 20_000); // the table may only just be being made
});
