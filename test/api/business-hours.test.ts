import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { businessHoursFailure } from '../../src/api/business-hours/failure.ts';
import { sentence } from '../../src/api/errors/failure.ts';
import { CONFIGURATION_STREAM } from '../../src/domain/configuration/events.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const as = (token: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.url, method, path, { authorization: `Bearer ${token}`, ...headers }, body);
const hours = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  as(api.adminToken, method, `/api/business-hours${path}`, body, headers);
const queue = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  as(api.adminToken, method, `/api/queue-settings/${path}`, body, headers);
const codeOf = (answer: Answer) => {
  const { status, code } = failureOf(answer);
  return [status, code];
};
const pathsOf = (answer: Answer): unknown[] => {
  const errors = at(answer.body, 'status', 'errors');
  return Array.isArray(errors) ? errors.map((error) => at(error, 'path')) : [];
};
const office = {
  zone: 'Europe/Paris',
  weekly: {
    mon: [
      ['09:00', '12:00'],
      ['13:00', '17:30'],
    ],
    fri: [['22:00', '02:00']],
    sat: 'all-day',
  },
  exceptions: [{ date: '2026-12-24', intervals: [['09:00', '12:00']] }],
  holidays: [{ country: 'FR' }, { country: 'DE', region: 'BY' }],
};
const any = { 'if-match': '*' };

describe('business hours', () => {
  it('are made with 201, edited with 200, and show who did', async () => {
    const made = await hours('PUT', '/head%2Foffice', office, { 'if-none-match': '*', 'x-reason': 'opening' });
    expect([made.status, made.headers.get('etag')]).toEqual([201, at(made.body, 'etag')]);
    expect(made.headers.get('x-position')).toMatch(/^\d+$/);
    expect(made.body).toMatchObject({ name: 'head/office', ...office, updatedBy: 'administrator' });
    const edited = await hours('PUT', '/head%2Foffice', { zone: 'UTC', weekly: {} }, { 'if-match': textAt(made.body, 'etag') });
    expect(edited.status).toBe(200);
    expect(edited.body).toMatchObject({ zone: 'UTC', weekly: {}, exceptions: [], holidays: [] });
    expect(at(edited.body, 'etag')).not.toBe(at(made.body, 'etag'));
    const read = await hours('GET', '/head%2Foffice');
    expect([read.body, read.headers.get('etag')]).toEqual([edited.body, at(edited.body, 'etag')]);
  });

  it('leave an event for each change, with who, why and what it was, and none for what changes nothing', async () => {
    await hours('PUT', '/told', office, { 'x-reason': 'first' });
    await hours('PUT', '/told', { ...office, zone: 'UTC' }, { ...any, 'x-reason': 'moved' });
    await hours('PUT', '/told', { ...office, zone: 'UTC' }, any);
    await hours('DELETE', '/told', undefined, { ...any, 'x-reason': 'closed down' });
    const told: unknown[] = [];
    for await (const { type, data, metadata } of api.store.readStream(CONFIGURATION_STREAM)) {
      if ('name' in data && data.name === 'told')
        told.push([type, metadata.actor.name, metadata.reason, 'changes' in data && data.changes]);
    }
    expect(told).toEqual([
      ['BusinessHoursCreated', 'administrator', 'first', false],
      ['BusinessHoursChanged', 'administrator', 'moved', { zone: { before: 'Europe/Paris', after: 'UTC' } }],
      ['BusinessHoursDeleted', 'administrator', 'closed down', false],
    ]);
  });

  it('are guarded against another edit', async () => {
    const { body } = await hours('PUT', '/guarded', office);
    expect(codeOf(await hours('PUT', '/guarded', office))).toEqual([428, 4011]);
    expect(codeOf(await hours('DELETE', '/guarded'))).toEqual([428, 4011]);
    await hours('PUT', '/guarded', { ...office, zone: 'UTC' }, any);
    const stale = { 'if-match': textAt(body, 'etag') };
    expect(codeOf(await hours('PUT', '/guarded', office, stale))).toEqual([412, 4010]);
    expect(codeOf(await hours('DELETE', '/guarded', undefined, stale))).toEqual([412, 4010]);
    expect(codeOf(await hours('PUT', '/guarded', office, { 'if-none-match': '*' }))).toEqual([412, 4010]);
    expect(codeOf(await hours('PUT', '/nowhere', office, any))).toEqual([412, 4010]);
  });

  it('are listed by name, and waited for', async () => {
    const { headers } = await hours('PUT', '/listed', office);
    const list = await hours('GET', '', undefined, { 'x-position': headers.get('x-position') ?? '' });
    const items = at(list.body, 'items');
    const names = Array.isArray(items) ? items.map((item) => textAt(item, 'name')) : [];
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['always', 'listed']));
    expect([list.headers.get('x-lag-ms'), at(list.body, 'total'), at(list.body, 'next')]).toEqual(['0', names.length, null]);
  });

  it('are there for those who may see settings, and changed by administrators alone', async () => {
    const [supervisor, monitor] = [await api.token('a supervisor', 'Supervisor'), await api.token('a monitor', 'Monitor')];
    await api.settle();
    expect((await as(supervisor, 'GET', '/api/business-hours/always')).status).toBe(200);
    expect(codeOf(await as(supervisor, 'PUT', '/api/business-hours/mine', office))).toEqual([403, 2003]);
    expect(codeOf(await as(supervisor, 'DELETE', '/api/business-hours/always', undefined, any))).toEqual([403, 2003]);
    expect(codeOf(await as(monitor, 'GET', '/api/business-hours'))).toEqual([403, 2003]);
  });
});

it('bad business hours are refused with the path of each fault, and leave no event', async () => {
  await api.settle();
  const before = await api.store.lastPosition();
  const faults = async (some: object) => pathsOf(await hours('PUT', '/bad', { ...office, ...some }));
  expect(await faults({ zone: 'Mars/Olympus' })).toEqual(['zone']);
  expect(await faults({ weekly: { mon: [['09:00', '24:00']], tue: [['9:00', '10:00']] } })).toEqual([
    'weekly.mon[0][1]',
    'weekly.tue[0][0]',
  ]);
  expect(await faults({ weekly: { mon: [['09:00', '09:00']] } })).toEqual(['weekly.mon[0]']);
  expect(
    await faults({
      weekly: {
        mon: [
          ['09:00', '12:00'],
          ['11:00', '13:00'],
        ],
      },
    }),
  ).toEqual(['weekly.mon[1]']);
  expect(await faults({ weekly: { monday: [] } })).toEqual(['weekly.monday']);
  expect(await faults({ weekly: { mon: 'open' } })).toEqual(['weekly.mon']);
  expect(await faults({ exceptions: [{ date: '2027-02-29', intervals: [] }] })).toEqual(['exceptions[0].date']);
  expect(await faults({ holidays: [{ country: 'XX' }, { country: 'FR', region: 'BY' }] })).toEqual([
    ...['holidays[0].country', 'holidays[1].region'],
  ]);
  expect(await faults({ exceptions: Array.from({ length: 501 }, () => ({ date: '2026-12-24', intervals: [] })) })).toContain('exceptions');
  expect(await faults({ colour: 'green' })).toEqual(['colour']);
  expect(await api.store.lastPosition()).toBe(before);
});

describe('business hours that queues have', () => {
  it('can’t be deleted: the answer names the queues that the asker reads, and counts the others', async () => {
    await hours('PUT', '/used', office);
    await queue('PUT', 'one', { businessHours: 'used' });
    await queue('PUT', 'two', { businessHours: 'used' });
    const refused = await hours('DELETE', '/used', undefined, any);
    expect(failureOf(refused).status).toBe(409);
    expect(pathsOf(refused)).toEqual(['one', 'two']);
    expect(textAt(refused.body, 'status', 'message')).toMatch(/hours, 2 of them listed under errors\. /);
    await queue('PUT', 'one', {}, any);
    await queue('DELETE', 'two', undefined, any);
    expect((await hours('DELETE', '/used', undefined, any)).status).toBe(204);
    expect(failureOf(await hours('GET', '/used')).status).toBe(404);
    expect(failureOf(await hours('DELETE', '/used', undefined, any)).status).toBe(404);
  });

  it('are said to be in use without the names of queues that the asker doesn’t read', () => {
    const failure = businessHoursFailure(new Set(['one']))({ code: 'BUSINESS_HOURS_IN_USE', queues: ['default', 'one', 'two'] });
    expect(failure.details.errors?.map(({ path }) => path)).toEqual(['default', 'one']);
    expect(sentence(failure)).toContain('1 more');
  });

  // The clock stands at Monday, 2026-03-02 10:00Z. The office is open on Mondays from 12:00 to 13:00Z.
  it('are what a user’s scheduled callback has to keep to, and a client’s needn’t, and only open slots are proposed', async () => {
    await hours('PUT', '/noon', { zone: 'UTC', weekly: { mon: [['12:00', '13:00']] } });
    await queue('PUT', 'noon', { businessHours: 'noon', slotCapacity: 1, slotDurationMinutes: 30 });
    const book = (desiredTime: string, user: boolean, some: object = {}) => {
      const body = { serviceName: 'noon', phoneNumber: '+15105550100', desiredTime, ...some };
      if (user) return as(api.adminToken, 'POST', '/api/callbacks', body);
      return ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, body);
    };
    const closed = await book('2026-03-02T13:00:00.000Z', true);
    expect([...codeOf(closed), pathsOf(closed)]).toEqual([400, 7042, ['desiredTime']]);
    const booked = await book('2026-03-02T12:00:00.000Z', true);
    expect(booked.status).toBe(201);
    const moved = await as(api.adminToken, 'POST', `/api/callbacks/${textAt(booked.body, 'id')}/reschedule`, {
      desiredTime: '2026-03-02T11:59:00.000Z',
    });
    expect(codeOf(moved)).toEqual([400, 7042]);
    expect((await book('2026-03-02T14:00:00.000Z', false)).status).toBe(200);
    expect((await book('2026-03-02T15:00:00.000Z', false, { alwaysCheckCapacity: true })).status).toBe(200);
    await api.settle();
    const full = await book('2026-03-02T12:10:00.000Z', false, { alwaysCheckCapacity: true });
    expect(codeOf(full)).toEqual([429, 4004]);
    const proposed = at(full.body, 'proposed');
    const times = Array.isArray(proposed) ? proposed.map((slot) => textAt(slot, 'utcTime')) : [];
    expect(times).toEqual(['2026-03-02T12:30:00.000Z', ...['09T12:00', '09T12:30', '16T12:00'].map((time) => `2026-03-${time}:00.000Z`)]);
    expect(new Date(NOW).toISOString()).toBe('2026-03-02T10:00:00.000Z');
  });
});
