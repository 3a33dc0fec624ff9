import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONFIGURATION_STREAM } from '../../../src/domain/configuration/events.ts';
import { all } from '../../eventstore/door.ts';
import { type Answer, ask, at, failureOf, textAt } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

type Headers = Record<string, string>;
const user = (method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> =>
  ask(api.url, method, `/api${path}`, { authorization: `Bearer ${api.adminToken}`, ...headers }, body);
const any = { 'if-match': '*' };
const put = (path: string, body: unknown, headers: Headers = {}) => user('PUT', path, body, headers);
const codeOf = (answer: Answer) => {
  const { status, code } = failureOf(answer);
  return [status, code];
};
const facts = async () =>
  (await all(api.store.readStream(CONFIGURATION_STREAM))).map(({ type, data, metadata }) => ({
    type,
    data,
    by: metadata.actor.name,
    why: metadata.reason,
  }));
const book = (serviceName: string, phoneNumber: string, headers: Headers = {}, more: object = {}): Promise<Answer> =>
  ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey, ...headers }, { serviceName, phoneNumber, ...more });

describe('a number rule', () => {
  it('is made with 201 and edited with 200, and names its countries', async () => {
    const made = await put('/rules/numbers/north%20america', { countries: ['US', 'CA'] }, { 'if-none-match': '*', 'x-reason': 'fraud' });
    expect(made.status).toBe(201);
    expect(made.headers.get('x-position')).toMatch(/^\d+$/);
    expect(made.headers.get('etag')).toBe(at(made.body, 'etag'));
    expect(made.body).toMatchObject({
      ...{ name: 'north america', countries: ['CA', 'US'], blockedPatterns: [], queues: [], updatedBy: 'administrator' },
      permitted: [
        { code: 'CA', name: 'Canada', callingCode: '1' },
        { code: 'US', name: 'United States of America', callingCode: '1' },
      ],
    });
    expect((await facts()).at(-1)).toMatchObject({ type: 'NumberRuleCreated', by: 'administrator', why: 'fraud' });
    const edited = await put(
      '/rules/numbers/north%20america',
      { countries: ['US'], blockedPatterns: ['^1900'] },
      { 'if-match': textAt(made.body, 'etag') },
    );
    expect(edited.status).toBe(200);
    expect((await user('GET', '/rules/numbers/north%20america')).body).toEqual(edited.body);
    const list = await user('GET', '/rules/numbers', undefined, { 'x-position': edited.headers.get('x-position') ?? '' });
    expect(at(list.body, 'items')).toContainEqual(edited.body);
    expect((await facts()).at(-1)).toMatchObject({
      type: 'NumberRuleChanged',
      data: { before: { countries: ['CA', 'US'] }, after: { countries: ['US'], blockedPatterns: ['^1900'] } },
    });
  });

  it('needs to say which version is changed, and is refused when that moved', async () => {
    await put('/rules/numbers/guarded', { countries: ['US'] });
    expect(codeOf(await put('/rules/numbers/guarded', { countries: ['CA'] }))).toEqual([428, 4011]);
    expect(codeOf(await put('/rules/numbers/guarded', { countries: ['CA'] }, { 'if-match': '"0"' }))).toEqual([412, 4010]);
    expect(codeOf(await put('/rules/numbers/guarded', { countries: ['CA'] }, { 'if-none-match': '*' }))).toEqual([412, 4010]);
    expect((await user('GET', '/rules/numbers/nowhere')).status).toBe(404);
  });

  it.each([
    ['no country', { countries: [] }, 'countries'],
    ['an unknown country', { countries: ['US', 'ZZ'] }, 'countries[1]'],
    ['an empty pattern', { countries: ['US'], blockedPatterns: [''] }, 'blockedPatterns[0]'],
    ['an oversized pattern', { countries: ['US'], blockedPatterns: ['1'.repeat(201)] }, 'blockedPatterns[0]'],
    ['a pattern that needs backtracking', { countries: ['US'], blockedPatterns: ['^1', '^1(?!900)'] }, 'blockedPatterns[1]'],
    ['an unknown field', { countries: ['US'], patterns: [] }, 'patterns'],
  ])('refuses %s, saying where, and records nothing', async (_, body, path) => {
    const before = await api.store.lastPosition();
    expect(failureOf(await put('/rules/numbers/bad', body))).toMatchObject({ status: 400, code: 1001, errors: [{ path }] });
    expect(await api.store.lastPosition()).toBe(before);
  });
  it('says why a pattern can’t be used', async () => {
    const answer = await put('/rules/numbers/bad', { countries: ['US'], blockedPatterns: ['^1(?!900)'] });
    expect(failureOf(answer).errors).toEqual([
      { path: 'blockedPatterns[0]', message: 'can’t be used at character 3: invalid or unsupported Perl syntax' },
    ]);
  });
  it.each(['', 'n'.repeat(33), 'a\tb', 'a\u202eb'])('has a name of 1 to 32 printable characters, unlike %j', async (name) => {
    const answer = await put(`/rules/numbers/${encodeURIComponent(name)}`, { countries: ['US'] });
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1001, errors: [{ path: 'name' }] });
  });
});

describe('the test of a number rule', () => {
  const test = async (name: string, phoneNumber: string) => user('POST', `/rules/numbers/${name}/test`, { phoneNumber });
  beforeAll(async () => {
    await put('/rules/numbers/tested', { countries: ['US'], blockedPatterns: ['18005555555', '^1700'] });
    await put('/rules/numbers/plain', { countries: ['US', 'VN'] });
  });

  it.each([
    ['tested', '18005555554', { verdict: 'PASSED', bookable: true, country: { code: 'US' }, blockedBy: null }],
    ['tested', '+1 (800) 555-5555', { verdict: 'BLOCKED_BY_PATTERN', bookable: false, blockedBy: { number: 1, pattern: '18005555555' } }],
    [
      'tested',
      '8445555555',
      { verdict: 'COUNTRY_NOT_PERMITTED', bookable: false, country: { code: 'VN', callingCode: '84' }, blockedBy: null },
    ],
    ['tested', '+19002345678', { verdict: 'PREMIUM_NUMBER', bookable: false, country: { code: 'US' } }],
    ['tested', '+80012345678', { verdict: 'COUNTRY_UNDETERMINED', bookable: false, country: null }],
    ['plain', '8445555555', { verdict: 'PASSED_NO_PATTERNS', bookable: true, country: { code: 'VN' } }],
  ])('of %s says of %s what it is', async (name, number, expected) => {
    const { status, body } = await test(name, number);
    expect(status).toBe(200);
    expect(body).toMatchObject(expected);
  });
  it('fails on what can’t be read or can’t be a number, as booking does, and on a rule that there isn’t', async () => {
    expect(codeOf(await test('tested', 'nine'))).toEqual([400, 7030]);
    expect(failureOf(await test('tested', '+1212555'))).toMatchObject({ status: 400, code: 7036, errors: [{ path: 'phoneNumber' }] });
    expect((await test('nowhere', '18005555554')).status).toBe(404);
  });
  it('leaves no number in the log', () => expect(api.lines.join('')).not.toMatch(/800\)? ?555|8445555555/));
});

describe('the rules of a queue', () => {
  beforeAll(async () => {
    for (const queue of ['ruled', 'other']) await put(`/queue-settings/${queue}`, {});
    await put('/rules/numbers/us', { countries: ['US'], blockedPatterns: ['^1510'] });
    await put('/rules/capacity/week', { days: { mon: { '15:00': 1 } }, duration: 60 });
    await put('/rules/regions/eu', { preferred: ['eu'] });
  });

  it('are none at first, one of each kind after, and fewer by null', async () => {
    const none = await user('GET', '/queues/ruled/rules');
    expect(none.body).toEqual({
      queue: 'ruled',
      numbers: null,
      capacity: null,
      regions: null,
      updatedAt: null,
      updatedBy: null,
      etag: '"0"',
    });
    const both = await put('/queues/ruled/rules', { numbers: 'us', regions: 'eu' }, { 'x-reason': 'as agreed' });
    expect(both.body).toMatchObject({ numbers: 'us', capacity: null, regions: 'eu', updatedBy: 'administrator' });
    expect(both.headers.get('etag')).toBe(at(both.body, 'etag'));
    expect((await facts()).slice(-2)).toMatchObject([
      { type: 'NumberRuleAssigned', data: { queue: 'ruled', name: 'us', before: null }, why: 'as agreed' },
      { type: 'RegionRuleAssigned', why: 'as agreed' },
    ]);
    expect(at((await user('GET', '/rules/numbers/us')).body, 'queues')).toEqual(['ruled']);
    const less = await put('/queues/ruled/rules', { regions: null });
    expect(less.body).toMatchObject({ numbers: 'us', regions: null });
    expect((await user('GET', '/queues/ruled/rules')).body).toEqual(less.body);
  });

  it('may be guarded, and needn’t be', async () => {
    expect((await put('/queues/other/rules', { regions: 'eu' }, { 'if-match': '"0"' })).status).toBe(200);
    expect(codeOf(await put('/queues/other/rules', { regions: null }, { 'if-match': '"0"' }))).toEqual([412, 4010]);
    expect((await put('/queues/other/rules', { regions: null })).status).toBe(200);
  });

  it('must exist, and so must the queue', async () => {
    const unknown = await put('/queues/other/rules', { capacity: 'none of them' });
    expect(failureOf(unknown)).toMatchObject({ status: 400, code: 1001, errors: [{ path: 'capacity' }] });
    for (const queue of ['nowhere', 'default']) {
      expect(codeOf(await put(`/queues/${queue}/rules`, { regions: 'eu' }))).toEqual([404, 3003]);
      expect(codeOf(await user('GET', `/queues/${queue}/rules`))).toEqual([404, 3003]);
    }
  });

  it('hold for bookings at once, with the code that widgets know', async () => {
    expect((await put('/queues/ruled/rules', { numbers: 'us' })).status).toBe(200);
    expect((await book('ruled', '+12125550123')).status).toBe(200);
    const key = { 'idempotency-key': 'ruled-1' };
    const first = await book('ruled', '+13125550123', key);
    for (const refused of ['+15105550100', '+14165550100', '+80012345678']) {
      const before = await api.store.lastPosition();
      expect(failureOf(await book('ruled', refused))).toMatchObject({ status: 400, code: 7037, errors: [{ path: 'phoneNumber' }] });
      expect(await api.store.lastPosition()).toBe(before);
    }
    await put('/rules/numbers/us', { countries: ['VN'] }, any);
    expect(codeOf(await book('ruled', '+12125550123'))).toEqual([400, 7037]);
    expect(at((await book('ruled', '+13125550123', key)).body, 'data')).toEqual(at(first.body, 'data')); // a repeat answers as the first did
    await put('/queues/ruled/rules', { numbers: null });
    expect((await book('ruled', '+15105550100')).status).toBe(200);
  });

  it('take the right of each kind that is named', async () => {
    const as = async (role: 'Supervisor' | 'Developer' | 'Monitor', names: object) => {
      const token = await api.token(`${role} ${JSON.stringify(names)}`, role);
      await api.settle();
      return (await ask(api.url, 'PUT', '/api/queues/other/rules', { authorization: `Bearer ${token}` }, names)).status;
    };
    expect(await as('Supervisor', { numbers: 'us' })).toBe(200);
    expect(await as('Supervisor', { numbers: null, capacity: 'week' })).toBe(403);
    expect(await as('Developer', { regions: 'eu' })).toBe(403);
    expect(await as('Monitor', { numbers: null })).toBe(403);
    expect(at((await user('GET', '/queues/other/rules')).body, 'numbers')).toBe('us');
  });
});

describe('a capacity rule', () => {
  const sample = { days: { sun: { '02:00': 2 }, tue: { '07:00': 3, '06:00': 4 } }, duration: 60 };
  it('goes in and out as a statement, also for time slots of the other length', async () => {
    const exceptions = [{ date: '2026-12-24', values: { '09:00': 3 } }];
    await put('/rules/capacity/sample', { days: {}, duration: 60, exceptions });
    const written = await put('/rules/capacity/sample/statement', sample, any);
    expect([written.status, written.body]).toEqual([200, sample]);
    expect((await user('GET', '/rules/capacity/sample/statement')).body).toEqual(sample);
    expect((await user('GET', '/rules/capacity/sample')).body).toMatchObject({ ...sample, exceptions });
    const halves = await user('GET', '/rules/capacity/sample/statement?duration=30');
    expect(halves.body).toEqual({
      days: { sun: { '02:00': 2, '02:30': 2 }, tue: { '07:00': 3, '07:30': 3, '06:00': 4, '06:30': 4 } },
      duration: 30,
    });
    await put('/rules/capacity/sample/statement', halves.body, {
      'if-match': textAt((await user('GET', '/rules/capacity/sample')).body, 'etag'),
    });
    expect((await user('GET', '/rules/capacity/sample/statement?duration=60')).body).toEqual(sample);
    expect(at((await user('GET', '/rules/capacity/sample')).body, 'exceptions')).toEqual([
      { date: '2026-12-24', values: { '09:00': 3, '09:30': 3 } },
    ]);
  });
  it.each([
    [{ days: { sun: { '02:15': 2 } }, duration: 60 }, 'days.sun["02:15"]'],
    [{ days: { sunday: {} }, duration: 60 }, 'days.sunday'],
    [{ days: {}, duration: 45 }, 'duration'],
    [{ days: { mon: { '02:00': -1 } }, duration: 60 }, 'days.mon["02:00"]'],
    [{ days: { mon: { '02:00': 1.5 } }, duration: 60 }, 'days.mon["02:00"]'],
  ])('refuses %j, naming where, and records nothing', async (body, path) => {
    const before = await api.store.lastPosition();
    for (const to of ['/rules/capacity/bad', '/rules/capacity/bad/statement'])
      expect(failureOf(await put(to, body))).toMatchObject({ status: 400, code: 1001, errors: [{ path }] });
    expect(await api.store.lastPosition()).toBe(before);
  });
  it('goes with no slots of two hours', async () => {
    await put('/queue-settings/long', { slotDurationMinutes: 120 });
    await put('/rules/capacity/any', { days: {}, duration: 60 });
    expect(failureOf(await put('/queues/long/rules', { capacity: 'any' }))).toMatchObject({
      status: 400,
      code: 1009,
      errors: [{ path: 'capacity' }],
    });
    await put('/queue-settings/short', {});
    await put('/queues/short/rules', { capacity: 'any' });
    const answer = await put('/queue-settings/short', { slotDurationMinutes: 120 }, any);
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1009, errors: [{ path: 'slotDurationMinutes' }] });
  });
});

describe('a region rule', () => {
  it('says where attempts go first', async () => {
    const made = await put('/rules/regions/worldwide', { preferred: ['eu', 'us'], ignored: ['ap'] });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ preferred: ['eu', 'us'], fallback: [], ignored: ['ap'] });
    const twice = await put('/rules/regions/worldwide', { preferred: ['eu'], fallback: ['eu'] }, any);
    expect(failureOf(twice)).toMatchObject({ status: 400, errors: [{ path: 'fallback[0]' }] });
  });
});

describe('a rule that is deleted', () => {
  it('is gone; one that queues have stays, and they are named', async () => {
    await put('/rules/regions/gone', { preferred: ['eu'] });
    await put('/queue-settings/holder', {});
    await put('/queues/holder/rules', { regions: 'gone' });
    const remove = (headers: Headers = any) => user('DELETE', '/rules/regions/gone', undefined, headers);
    expect(codeOf(await remove({}))).toEqual([428, 4011]);
    const refused = await remove();
    expect(failureOf(refused)).toMatchObject({ status: 409, code: 4021, errors: [{ path: 'holder' }] });
    await put('/queues/holder/rules', { regions: null });
    expect((await remove()).status).toBe(204);
    expect((await facts()).at(-1)).toMatchObject({ type: 'RegionRuleDeleted', data: { name: 'gone' } });
    expect(codeOf(await remove())).toEqual([404, 3004]);
    expect(codeOf(await user('GET', '/rules/regions/gone'))).toEqual([404, 3004]);
  });
});
