import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, at, failureOf } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
let api: TestApi;
let numbers = 0;
const aNumber = () => `+1212555${String(1000 + numbers++)}`;
const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
const iso = (ms: number) => new Date(ms).toISOString();

/** A Monday at 10:00 UTC, when the office is open for two hours more. */
const hours = { zone: 'UTC', weekly: { mon: [['09:00', '12:00']] } };
const queue = async (name: string, checks: object, some: object = {}) => {
  const settings = { businessHours: 'mornings', checks, ...some };
  expect((await ask(api.url, 'PUT', `/api/queue-settings/${name}`, admin(), settings)).status).toBe(201);
  return name;
};
const client = (serviceName: string, some: object = {}) =>
  ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, { serviceName, phoneNumber: aNumber(), ...some });
const user = (serviceName: string, some: object = {}) =>
  ask(api.url, 'POST', '/api/callbacks', admin(), { serviceName, phoneNumber: aNumber(), ...some });
const refusedWith = async (answer: ReturnType<typeof client>, code: number, path: string) => {
  expect(failureOf(await answer)).toMatchObject({ status: 400, code, errors: [{ path }] });
};
const booked = async (answer: ReturnType<typeof client>) => expect([200, 201]).toContain((await answer).status);

beforeAll(async () => {
  api = await startApi();
  expect((await ask(api.url, 'PUT', '/api/business-hours/mornings', admin(), hours)).status).toBe(201);
});
afterAll(async () => {
  await api.close();
});

describe('a queue that opted in to its office hours', () => {
  it('refuses clients a closed time, and users only a scheduled one', async () => {
    const name = await queue('hours', { officeHours: true });
    await booked(client(name, { desiredTime: iso(NOW + 110 * MINUTE) }));
    await refusedWith(client(name, { desiredTime: iso(NOW + 120 * MINUTE) }), 7042, 'desiredTime');
    await refusedWith(user(name, { desiredTime: iso(NOW + 120 * MINUTE) }), 7042, 'desiredTime');
    await booked(client(name));
    await api.clock.advanceBy(3 * 60 * MINUTE);
    await refusedWith(client(name), 7042, 'desiredTime');
    await booked(user(name));
  });
});

describe('a queue that opted in to its flags', () => {
  it('refuses clients the kind that is off; users book it', async () => {
    const open = { businessHours: null };
    const later = { desiredTime: iso(NOW + DAY) };
    const name = await queue('no immediate', { enabledFlags: true }, { ...open, immediateEnabled: false });
    await refusedWith(client(name), 7050, 'desiredTime');
    await booked(client(name, later));
    await booked(user(name));
    const other = await queue('no scheduled', { enabledFlags: true }, { ...open, scheduledEnabled: false, businessHours: 'always' });
    await refusedWith(client(other, later), 7051, 'desiredTime');
    await booked(client(other));
    await booked(user(other, later));
  });
});

describe('a queue that opted in to a lead time and a horizon', () => {
  it('refuses clients what is too soon or too far ahead, also in a move, with how much it asks for; users book it', async () => {
    const now = api.clock.now();
    const name = await queue('ahead', { minimumLeadMinutes: 30, horizonDays: 2 }, { businessHours: 'always' });
    const soon = { desiredTime: iso(now + 29 * MINUTE) };
    const far = { desiredTime: iso(now + 2 * DAY + 1) };
    await refusedWith(client(name, soon), 7052, 'desiredTime');
    expect((await client(name, soon)).text).toContain('30 minutes');
    await refusedWith(client(name, far), 7053, 'desiredTime');
    await booked(client(name, { desiredTime: iso(now + 30 * MINUTE) }));
    await booked(client(name));
    await booked(user(name, soon));
    const id = String(at((await client(name, { desiredTime: iso(now + 60 * MINUTE) })).body, 'data', 'id'));
    const move = (headers: Record<string, string>, to: object) => ask(api.url, 'POST', `/api/callbacks/${id}/reschedule`, headers, to);
    await refusedWith(move({ 'x-api-key': api.apiKey }, soon), 7052, 'desiredTime');
    expect((await move({ 'x-api-key': api.apiKey }, { desiredTime: iso(now + 90 * MINUTE) })).status).toBe(200);
    expect((await move(admin(), soon)).status).toBe(200);
    await booked(user(name, far));
  });
});

describe('a queue that takes one open callback of a number', () => {
  it('refuses clients the second with the contract’s 400, until the first is over', async () => {
    const name = await queue('strict', { duplicates: 'strict' }, { businessHours: null });
    const phoneNumber = aNumber();
    const first = await client(name, { phoneNumber });
    const id = at(first.body, 'data', 'id');
    await refusedWith(client(name, { phoneNumber }), 7054, 'phoneNumber');
    await booked(user(name, { phoneNumber }));
    await refusedWith(client(name, { phoneNumber }), 7054, 'phoneNumber');
    const cancelled = await ask(api.url, 'POST', '/engagement/v3/callbacks/cancel', { 'x-api-key': api.apiKey }, { id });
    expect(cancelled.status).toBe(200);
    await refusedWith(client(name, { phoneNumber }), 7054, 'phoneNumber'); // the user's is open still
  });

  it('answers a repeat under the same Idempotency-Key as before', async () => {
    const name = await queue('strict again', { duplicates: 'strict' }, { businessHours: null });
    const body = { serviceName: name, phoneNumber: aNumber() };
    const headers = { 'x-api-key': api.apiKey, 'idempotency-key': 'once' };
    const [first, again] = [
      await ask(api.url, 'POST', '/engagement/v3/callbacks/create', headers, body),
      await ask(api.url, 'POST', '/engagement/v3/callbacks/create', headers, body),
    ];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(at(again.body, 'data', 'id')).toBe(at(first.body, 'data', 'id'));
  });
});

it('a user’s scheduled callback names a free slot that is open, a queue’s checks or not', async () => {
  const name = await queue('plain', {}, { slotCapacity: 1 });
  const monday = NOW + 7 * DAY;
  await refusedWith(user(name, { desiredTime: iso(monday + 3 * 60 * MINUTE) }), 7042, 'desiredTime');
  await booked(user(name, { desiredTime: iso(monday) }));
  expect(failureOf(await user(name, { desiredTime: iso(monday) }))).toMatchObject({ status: 429, code: 4004 });
  await booked(client(name, { desiredTime: iso(monday + 3 * 60 * MINUTE) }));
  await booked(client(name, { desiredTime: iso(monday) }));
});
