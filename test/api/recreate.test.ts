import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { all } from '../eventstore/door.ts';
import { ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

const DAY = 86_400_000;
let api: TestApi;
let numbers = 0;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
const get = async (id: string) => (await ask(api.url, 'GET', `/api/callbacks/${id}`, admin())).body;
const recreate = (id: string, body: object = {}, headers: Record<string, string> = admin()) =>
  ask(api.url, 'POST', `/api/callbacks/${id}/recreate`, headers, body);
const book = async (some: object = {}) => {
  const phoneNumber = `+1212555${3000 + numbers++}`;
  return textAt((await ask(api.url, 'POST', '/api/callbacks', admin(), { serviceName: 'demo', phoneNumber, ...some })).body, 'id');
};
const over = async (some: object = {}) => {
  const id = await book(some);
  expect((await ask(api.url, 'POST', `/api/callbacks/${id}/cancel`, admin(), {})).status).toBe(200);
  return id;
};
const bookingOf = async (id: string) =>
  (await all(api.store.readStream(callbackStream(id), { personal: true }))).find(({ type }) => type === 'CallbackBooked')?.data;

describe('recreating a callback', () => {
  it('makes a new one of its number and attached data, which points at it', async () => {
    const id = await over({ userData: { colour: 'green' }, priority: 7, language: 'fr-FR', timezone: 'Asia/Tokyo' });
    expect(await get(id)).toMatchObject({ callbackState: 'COMPLETED', canRecreate: true });
    const answer = await recreate(id);
    expect(answer.status).toBe(201);
    const again = textAt(answer.body, 'id');
    expect(again).not.toBe(id);
    expect(answer.headers.get('location')).toBe(`/api/callbacks/${again}`);
    expect(await get(again)).toMatchObject({ origin: id, callbackState: 'QUEUED', kind: 'IMMEDIATE', canRecreate: false });
    const [before, after] = [await bookingOf(id), await bookingOf(again)];
    for (const field of ['phoneNumber', 'userData', 'overrides', 'language', 'offer', 'zones'])
      expect(at(after, field), field).toEqual(at(before, field));
    expect(at(after, 'keyId')).not.toBe(at(before, 'keyId'));
    expect(await get(id)).toMatchObject({ callbackState: 'COMPLETED' });
  });

  it('by a user takes a free slot, and is refused a full one', async () => {
    await ask(api.url, 'PUT', '/api/queue-settings/one a slot', admin(), { slotCapacity: 1 });
    const id = await over({ serviceName: 'one a slot' });
    const desiredTime = new Date(NOW + DAY).toISOString();
    expect((await recreate(id, { desiredTime })).body).toMatchObject({ kind: 'SCHEDULED', desiredTime });
    expect(failureOf(await recreate(id, { desiredTime }))).toMatchObject({ status: 429, code: 4004 });
    expect((await recreate(id, { desiredTime }, { 'x-api-key': api.apiKey })).status).toBe(201);
  });

  it('under an Idempotency-Key makes one, and is another request for another callback', async () => {
    const [id, other] = [await over(), await over()];
    const once = { ...admin(), 'idempotency-key': 'again' };
    const [first, second] = [await recreate(id, {}, once), await recreate(id, {}, once)];
    expect(at(second.body, 'id')).toBe(at(first.body, 'id'));
    expect(failureOf(await recreate(other, {}, once))).toMatchObject({ status: 409, code: 4003 });
  });

  it('is refused while it is open, and for an id that names none', async () => {
    expect(failureOf(await recreate(await book()))).toMatchObject({ status: 409, code: 4030 });
    for (const id of ['nothing', '+12125550100'])
      expect(failureOf(await recreate(encodeURIComponent(id)))).toMatchObject({ status: 404, code: 3001 });
  });

  it('is refused once its personal data is gone, or its queue', async () => {
    const id = await over();
    const erase = { type: 'ErasePersonalData', now: new Date(NOW).toISOString() } as const;
    const actor = { kind: 'process', id: 'p', name: 'p' } as const;
    await handle(api.store, callbackKind, callbackStream(id), erase, { commandId: 'c', correlationId: 'c', causationId: 'c', actor });
    expect(failureOf(await recreate(id))).toMatchObject({ status: 409, code: 4031 });
    expect(await get(id)).toMatchObject({ canRecreate: false });

    await ask(api.url, 'PUT', '/api/queue-settings/short lived', admin(), {});
    const orphan = await over({ serviceName: 'short lived' });
    expect((await ask(api.url, 'DELETE', '/api/queue-settings/short lived', { ...admin(), 'if-match': '*' })).status).toBe(204);
    expect(failureOf(await recreate(orphan))).toMatchObject({ status: 400, code: 7040 });
  });

  it('takes along the name recording that booking gave', async () => {
    const again = textAt((await recreate(await over({ nameRecording: 'recordings/2' }))).body, 'id');
    expect(at(await bookingOf(again), 'nameRecording')).toBe('recordings/2');
  });

  it.each([
    ['within four days of its end', 4 * DAY, 'recordings/1'],
    ['not later', 4 * DAY + 1, null],
  ])('takes the name recording along %s', async (_, after, recording) => {
    const phoneNumber = `+1212555${3000 + numbers++}`;
    const rows = { callbacks: [{ reference: `r ${after}`, serviceName: 'demo', phoneNumber, nameRecording: 'recordings/1' }] };
    const id = textAt((await ask(api.url, 'POST', '/api/callbacks/import', admin(), rows)).body, 'rows', 0, 'id');
    await ask(api.url, 'POST', `/api/callbacks/${id}/cancel`, admin(), {});
    await api.clock.advanceBy(after);
    const again = textAt((await recreate(id)).body, 'id');
    expect(at(await bookingOf(again), 'nameRecording')).toBe(recording);
  });
});
