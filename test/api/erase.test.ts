import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { all } from '../eventstore/door.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
}, 60_000);
afterAll(() => api.close());

const admin = (token = api.adminToken) => ({ authorization: `Bearer ${token}` });
const erase = (body: unknown, headers: Record<string, string> = admin()): Promise<Answer> =>
  ask(api.url, 'POST', '/api/erase', headers, body);
const book = async (phoneNumber: string, some: object = {}): Promise<string> =>
  textAt((await ask(api.url, 'POST', '/api/callbacks', admin(), { serviceName: 'demo', phoneNumber, ...some })).body, 'id');
const read = async (id: string) => (await ask(api.url, 'GET', `/api/callbacks/${id}`, admin())).body;
const historyOf = async (id: string) => (await all(api.store.readStream(callbackStream(id)))).map(({ type }) => type);

describe('erasing', () => {
  it('a callback ends it first while it is open, and its personal data is unreadable at once', async () => {
    const id = await book('+12125550140', { userData: { order: 'o-1' } });
    const answer = await erase({ callbackId: id }, { ...admin(), 'x-reason': 'asked by letter' });
    expect([answer.status, answer.body]).toEqual([200, { found: 1, erased: 1 }]);
    expect(answer.headers.get('x-position')).toMatch(/^\d+$/);
    expect(await read(id)).toMatchObject({ callbackState: 'COMPLETED', callbackReason: 'ERASED', phoneNumber: null });
    expect(await historyOf(id)).toEqual(['CallbackBooked', 'CallbackQueued', 'CallbackCompleted', 'PersonalDataErased']);
    const { body } = await ask(api.url, 'GET', `/api/callbacks/${id}/history`, admin());
    expect(at(body, 'items', '3')).toMatchObject({ type: 'PersonalDataErased', actor: { kind: 'user' }, reason: 'asked by letter' });
  });

  it('a number erases every callback of it, over or open, however it is written, and no other’s', async () => {
    const mine = [await book('+12125550141'), await book('+12125550141'), await book('+12125550141')];
    const other = await book('+12125550142');
    await ask(api.url, 'POST', `/api/callbacks/${mine[0]}/cancel`, admin(), {});
    expect((await erase({ phoneNumber: '1 (212) 555-0141' })).body).toEqual({ found: 3, erased: 3 });
    for (const id of mine) expect(await read(id)).toMatchObject({ phoneNumber: null, callbackState: 'COMPLETED' });
    expect(await read(mine[0] ?? '')).toMatchObject({ callbackReason: 'CANCELLED_BY_ADMIN' });
    expect(await read(other)).toMatchObject({ phoneNumber: '+12125550142', callbackState: 'QUEUED' });
    expect((await erase({ phoneNumber: '+12125550141' })).body).toEqual({ found: 0, erased: 0 });
  });

  it('is found once more, and nothing more is erased, when it is repeated', async () => {
    const id = await book('+12125550143');
    await erase({ callbackId: id });
    expect((await erase({ callbackId: id })).body).toEqual({ found: 1, erased: 0 });
    expect((await historyOf(id)).filter((type) => type === 'PersonalDataErased')).toHaveLength(1);
  });

  it.each(['no-such-callback', 'not an id', ''])('a callback that is not there is not found: %j', async (callbackId) =>
    expect(failureOf(await erase({ callbackId }))).toMatchObject({ status: 404, code: 3001 }),
  );

  it.each([
    ['neither', {}, 1001],
    ['both', { phoneNumber: '+12125550144', callbackId: 'c-1' }, 1001],
    ['no number', { phoneNumber: 'nonsense' }, 7030],
    ['an impossible number', { phoneNumber: '+1212555' }, 7036],
    ['an unknown field', { phoneNumber: '+12125550144', all: true }, 1001],
  ])('with %s is refused, and erases nothing', async (_, body, code) =>
    expect(failureOf(await erase(body))).toMatchObject({ status: 400, code }),
  );
});

describe('erasing by somebody who does not read every queue', () => {
  it('leaves callbacks of hidden queues alone, as if they were not there', async () => {
    const put = (path: string, body: unknown) => ask(api.url, 'PUT', path, { ...admin(), 'if-none-match': '*' }, body);
    for (const queue of ['seen', 'hidden']) expect((await put(`/api/queue-settings/${queue}`, {})).status).toBe(201);
    const token = await api.token('Lea');
    await put('/api/access-groups/Limited', { roles: ['Administrator'], members: ['Lea'], reads: [{ queue: 'seen' }] });
    await api.settle();
    const phoneNumber = '+12125550145';
    const [seen, hidden] = [await book(phoneNumber, { serviceName: 'seen' }), await book(phoneNumber, { serviceName: 'hidden' })];
    expect(failureOf(await erase({ callbackId: hidden }, admin(token)))).toMatchObject({ status: 404, code: 3001 });
    expect((await erase({ phoneNumber }, admin(token))).body).toEqual({ found: 1, erased: 1 });
    expect(await read(seen)).toMatchObject({ phoneNumber: null });
    expect(await read(hidden)).toMatchObject({ phoneNumber });
  });
});
