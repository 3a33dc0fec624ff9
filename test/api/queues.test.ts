import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queueRow } from '../../src/api/queues/row.ts';
import { iso } from '../../src/clock.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
const key = () => ({ 'x-api-key': api.apiKey });
const center = () => ({ 'x-api-key': api.connectorKey });

const created = () => ({ 'if-none-match': '*', ...admin() });
const put = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = admin()): Promise<Answer> => {
  const answer = await ask(api.url, 'PUT', path, headers, body);
  if (answer.status >= 300) throw new Error(answer.text);
  return answer;
};
const make = (path: string, body: unknown) => ask(api.url, 'PUT', path, created(), body);
const queue = async (name: string, settings: object = {}): Promise<string> => {
  expect((await make(`/api/queue-settings/${name}`, settings)).status).toBe(201);
  await api.settle();
  return name;
};
const hours = async (name: string, weekly: object, zone = 'UTC') =>
  expect((await make(`/api/business-hours/${name}`, { zone, weekly })).status).toBe(201);

let sequence = 0;
const agents = (...of: readonly (readonly [string, string])[]) => {
  const body = { source: 'agents', sequence: ++sequence, agents: of.map(([id, q]) => ({ id, state: 'BUSY', queues: [q] })) };
  return ask(api.url, 'PUT', '/contact-center/agents', center(), body);
};
type Flow = { readonly queue: string; readonly waiting?: readonly object[]; readonly distributedAt?: readonly string[] };
const flow = (queues: readonly Flow[], some: object = {}) =>
  ask(api.url, 'PUT', '/contact-center/flow', center(), { source: 'flow', sequence: ++sequence, full: false, queues, ...some });
const regions = (nodes: readonly object[], some: object = {}) =>
  ask(api.url, 'PUT', '/contact-center/regions', center(), { source: 'regions', sequence: ++sequence, nodes, ...some });
/** Live calls that left every `seconds`, the last one now. */
const left = (seconds: number, count: number) =>
  Array.from({ length: count }, (_, n) => iso(api.clock.now() - (count - 1 - n) * seconds * 1000));
const caller = (priority = 0, secondsAgo = 5) => ({ enteredAt: iso(api.clock.now() - secondsAgo * 1000), priority });
const book = async (serviceName: string, more: object = {}) => {
  const body = { serviceName, phoneNumber: '+15105550100', ...more };
  const id = textAt((await ask(api.url, 'POST', '/engagement/v3/callbacks/create', key(), body)).body, 'data', 'id');
  await api.settle();
  return id;
};

const contract = async (path: string) => {
  const answer = await ask(api.url, 'GET', `/engagement/v3${path}`, key());
  return answer.status === 200 ? at(answer.body, 'data') : failureOf(answer);
};
const waits = (query: string) => contract(`/estimated-wait-time?${query}`);
const status = (name: string) => contract(`/callbacks/queue-status/${name}`);
const openFor = (name: string, query = '') => contract(`/callbacks/open-for/${name}?${query}`);
const list = async (query = '', headers: Readonly<Record<string, string>> = admin()) =>
  (await ask(api.url, 'GET', `/api/queues${query}`, headers)).body;
const row = async (name: string) => at(await list(`?queue=${name}`), 'items', 0);

beforeAll(async () => {
  api = await startApi();
  await hours('nine-to-five', { mon: [['09:00', '17:00']] });
  await hours('split', {
    mon: [
      ['09:00', '12:00'],
      ['13:00', '17:30'],
    ],
  });
  await hours('shut', {});
});
afterAll(() => api.close());

describe('a report of live calls', () => {
  it('is taken once, in its order: a sequence that is not above the last is 409 and changes nothing', async () => {
    const name = await queue('reported');
    expect(await flow([{ queue: name, waiting: [caller()] }])).toMatchObject({ status: 200, body: { source: 'flow', sequence } });
    for (const stale of [sequence, sequence - 1])
      expect(failureOf(await flow([{ queue: name, waiting: [] }], { sequence: stale }))).toMatchObject({ status: 409, code: 4020 });
    expect(await row(name)).toMatchObject({ calls: 1 });
    await flow([], { full: true });
    expect(await row(name)).toMatchObject({ calls: 0 });
  });

  it('that is out of bounds is refused whole, with the place of each fault', async () => {
    const name = await queue('bounded');
    const before = sequence;
    const late = iso(api.clock.now() + 60_001);
    const cases: readonly [readonly Flow[], string][] = [
      [[{ queue: name }, { queue: name }], 'queues[1].queue'],
      [[{ queue: '' }], 'queues[0].queue'],
      [[{ queue: name, waiting: [caller(1001)] }], 'queues[0].waiting[0].priority'],
      [[{ queue: name, waiting: [caller(0.5)] }], 'queues[0].waiting[0].priority'],
      [[{ queue: name, waiting: [{ priority: 0 }] }], 'queues[0].waiting[0].enteredAt'],
      [[{ queue: name, waiting: [caller(), { enteredAt: late, priority: 0 }] }], 'queues[0].waiting[1].enteredAt'],
      [[{ queue: name }, { queue: 'other', distributedAt: [late] }], 'queues[1].distributedAt[0]'],
      [[{ queue: name, distributedAt: ['yesterday'] }], 'queues[0].distributedAt[0]'],
      [[{ queue: name, distributedAt: left(1, 1_001) }], 'queues[0].distributedAt'],
      [Array.from({ length: 5_001 }, (_, n) => ({ queue: `q${n}` })), 'queues'],
    ];
    for (const [queues, path] of cases)
      expect(failureOf(await flow(queues))).toMatchObject({ status: 400, code: 1001, errors: [{ path }] });
    for (const [some, path] of [
      [{ sequence: -1 }, 'sequence'],
      [{ sequence: 1.5 }, 'sequence'],
      [{ source: '' }, 'source'],
      [{ extra: 1 }, 'extra'],
    ] as const)
      expect(failureOf(await flow([], some))).toMatchObject({ status: 400, errors: [{ path }] });
    expect((await flow([], { sequence: before + 1 })).status).toBe(200);
  });

  it('is taken from the contact center only', async () => {
    const body = { source: 'flow', sequence: 1, queues: [] };
    expect((await ask(api.url, 'PUT', '/contact-center/flow', key(), body)).status).toBe(403);
    expect((await ask(api.url, 'PUT', '/contact-center/regions', {}, { ...body, nodes: [] })).status).toBe(401);
  });

  it('counts no more in positions, calls and waits once its source is silent for 30 seconds; what left the queue stays known', async () => {
    const name = await queue('silenced');
    await flow([{ queue: name, waiting: [caller(5), caller(0, -30)], distributedAt: left(10, 5) }]);
    const id = await book(name);
    const shown = async () => (await ask(api.url, 'GET', `/api/callbacks/${id}`, admin())).body;
    expect(await shown()).toMatchObject({ positionInQueue: 2, estimatedWaitTime: 20 });
    expect(await row(name)).toMatchObject({ calls: 3, estimatedWaitTime: 30, averageQuittingTime: 10, queuedCallbacks: 1 });
    await api.clock.advanceBy(30_000);
    expect(await shown()).toMatchObject({ positionInQueue: 1, estimatedWaitTime: 10 });
    expect(await row(name)).toMatchObject({
      ...{ calls: null, estimatedWaitTime: 10, averageQuittingTime: 10, queuedCallbacks: 1 },
      unknown: { calls: 'FLOW_NOT_REPORTED' },
    });
  });
});

describe('a report of regions', () => {
  const rule = async (name: string) => (await ask(api.url, 'GET', `/api/rules/regions/${name}`, admin())).body;

  it('says which are healthy, until its source is silent for 30 seconds', async () => {
    const node = (region: string, id: string, healthy: boolean) => ({ region, node: id, healthy });
    expect((await regions([node('east', '1', false), node('east', '2', true), node('west', '1', false)])).status).toBe(200);
    expect([...api.regions.healthy(api.clock.now())]).toEqual(['east']);
    expect(failureOf(await regions([], { sequence }))).toMatchObject({ status: 409, code: 4020 });
    expect([...api.regions.healthy(api.clock.now())]).toEqual(['east']);
    await api.clock.advanceBy(30_000);
    expect([...api.regions.healthy(api.clock.now())]).toEqual([]);
  });
  it('that names a node twice, or a region as no rule may, is refused', async () => {
    const node = (region: string, id = '1') => ({ region, node: id, healthy: true });
    expect(failureOf(await regions([node('a'), node('a')]))).toMatchObject({ status: 400, errors: [{ path: 'nodes[1].node' }] });
    for (const name of ['', 'x'.repeat(129), 'a\nb'])
      expect(failureOf(await regions([node(name)]))).toMatchObject({ status: 400, errors: [{ path: 'nodes[0].region' }] });
    const many = Array.from({ length: 1_001 }, (_, n) => node('a', String(n)));
    expect(failureOf(await regions(many))).toMatchObject({ status: 400, errors: [{ path: 'nodes' }] });
  });
  it('joins the ignored ones of a rule that was saved before, which stays as it is', async () => {
    const saved = await make('/api/rules/regions/affinity', { preferred: ['east'], fallback: ['west'], ignored: ['old'] });
    await regions(['west', 'north', 'south'].map((region) => ({ region, node: '1', healthy: true })));
    const shown = await rule('affinity');
    expect(shown).toMatchObject({
      preferred: ['east'],
      fallback: ['west'],
      ignored: ['old', 'north', 'south'],
      etag: at(saved.body, 'etag'),
    });
  });
});

describe('the estimated wait', () => {
  it('of several queues is answered in their order, by each of the modes, for whichever name of the parameter', async () => {
    const [busy, idle] = [await queue('ewt-busy'), await queue('ewt-idle')];
    await agents(['a', busy], ['b', busy], ['c', idle]);
    await flow([{ queue: busy, waiting: [caller()], distributedAt: left(20, 5) }]);
    await book(busy);
    await agents(['a', busy], ['c', idle]);
    const known = (estimatedWaitTime: number) => ({ virtualQueue: busy, estimatedWaitTime, resultCode: 0 });
    const unknown = { virtualQueue: idle, estimatedWaitTime: -1, resultCode: -1, message: expect.stringContaining('interactions') };
    expect(await waits(`virtual-queues=${idle},${busy}&mode=mode1`)).toEqual([unknown, known(40)]);
    // two agents while it was left, one now: twice as long
    expect(await waits(`virtualQueues=${busy},%20${idle}`)).toEqual([known(80), unknown]);
    expect(await waits(`virtual-queues=${busy}&mode=mode2&include-calls-on-hold=false`)).toEqual([known(40)]);
    // 5 in 900 s: 180 s each
    expect(await waits(`virtual-queues=${busy}&virtual-queues=${idle}&mode=mode3`)).toEqual([known(360), unknown]);
  });
  it('of mode2 is −1 with the code −2 while nobody is logged in', async () => {
    const name = await queue('ewt-nobody');
    await agents();
    await flow([{ queue: name, distributedAt: left(20, 5) }]);
    const nobody = { virtualQueue: name, estimatedWaitTime: -1, resultCode: -2, message: expect.stringContaining('logged in') };
    expect(await waits(`virtual-queues=${name}`)).toEqual([nobody]);
    expect(await waits(`virtual-queues=${name}&mode=mode1`)).toEqual([{ virtualQueue: name, estimatedWaitTime: 0, resultCode: 0 }]);
  });
  it('of a queue that is not there is refused, and so is a mode that is not, or no queue at all', async () => {
    const name = await queue('ewt-known');
    for (const other of ['nowhere', 'default'])
      expect(await waits(`virtual-queues=${name},${other}`)).toMatchObject({
        status: 400,
        code: 7040,
        errors: [{ path: 'virtual-queues[1]' }],
      });
    expect(await waits(`virtual-queues=${name}&mode=mode4`)).toMatchObject({ status: 400, code: 1001, errors: [{ path: 'mode' }] });
    expect(await waits('mode=mode1')).toMatchObject({ status: 400, code: 1001, errors: [{ path: 'virtual-queues' }] });
    expect(await waits('virtual-queues=')).toMatchObject({ status: 400, code: 1001 });
    expect(await waits(`virtual-queues=${Array(501).fill(name).join(',')}`)).toMatchObject({ status: 400, code: 1001 });
  });
});

describe('the status of a queue', () => {
  it('offers immediate callbacks while they are forecast to be made before the office closes', async () => {
    const name = await queue('status', { businessHours: 'nine-to-five', immediateBlackoutMinutes: 60 });
    await agents(['a', name]);
    expect(await status(name)).toEqual({ ewt: -1, offerImmediateCallback: true, offerScheduledCallback: true });
    // 10:01 by now: 5 h 59 min to 16:00. 40 wait, each 500 s: 5 h 33 min; one more hundred seconds each and it is too late.
    const crowd = Array.from({ length: 40 }, () => caller());
    await flow([{ queue: name, waiting: crowd, distributedAt: left(500, 5) }]);
    expect(await status(name)).toMatchObject({ ewt: 20_000, offerImmediateCallback: true });
    await flow([{ queue: name, waiting: [...crowd, ...crowd] }]);
    expect(await status(name)).toMatchObject({ ewt: 40_000, offerImmediateCallback: false, offerScheduledCallback: true });
  });
  it('of one that checks who is logged in is −1 and no offer while nobody is', async () => {
    const name = await queue('checked', { loggedInCheck: true });
    await agents();
    expect(await status(name)).toEqual({ ewt: -1, offerImmediateCallback: false, offerScheduledCallback: true });
    await agents(['a', name]);
    expect(await status(name)).toEqual({ ewt: -1, offerImmediateCallback: true, offerScheduledCallback: true });
  });
  it('offers only what is enabled; scheduled callbacks by that alone', async () => {
    const closed = await queue('flags', { businessHours: 'shut' });
    expect(await status(closed)).toMatchObject({ offerImmediateCallback: false, offerScheduledCallback: true });
    const off = await queue('flags-off', { immediateEnabled: false, scheduledEnabled: false });
    expect(await status(off)).toMatchObject({ offerImmediateCallback: false, offerScheduledCallback: false });
    const offers = await queue('flags-offers', { businessHours: 'shut', immediateOfferHours: 'nine-to-five' });
    expect(await status(offers)).toMatchObject({ offerImmediateCallback: true });
  });
  it('of one that is not there is refused', async () => {
    for (const name of ['nowhere', 'default'])
      expect(await status(name)).toMatchObject({ status: 400, code: 7040, errors: [{ path: 'queueName' }] });
  });
});

describe('open-for', () => {
  const all = 'queryImmediateOfferHours=true&returnWithinImmediateOfferTime=true&checkImmediateEnabled=true';
  it('answers the seconds until the office closes, and nothing else that was not asked for', async () => {
    const name = await queue('office', { businessHours: 'nine-to-five' });
    const left = (NOW + 7 * 3_600_000 - api.clock.now()) / 1000;
    expect(await openFor(name)).toEqual({ openFor: left });
    expect(await openFor(name, 'queryImmediateOfferHours=false')).toEqual({ openFor: left });
    expect(await openFor(await queue('office-shut', { businessHours: 'shut' }))).toEqual({ openFor: 0 });
    expect(await openFor(await queue('office-24'))).toEqual({ openFor: 2_147_483_647 });
  });
  it('answers the three flags', async () => {
    const name = await queue('offers', { businessHours: 'nine-to-five', immediateOfferHours: 'split', immediateEnabled: false });
    const start = (time: string) => openFor(name, `start=2026-03-02T${time}:00.000Z&${all}`);
    const is = (openFor: number, immediateOfferHoursOpenFor: number, isWithinImmediateOfferTime: boolean) => ({
      ...{ openFor, immediateOfferHoursOpenFor, isWithinImmediateOfferTime, isImmediateEnabled: false },
    });
    expect(await start('08:00')).toEqual(is(0, 0, false));
    expect(await start('11:00')).toEqual(is(21_600, 23_400, true));
    expect(await start('12:30')).toEqual(is(16_200, 0, false));
    expect(await start('17:15')).toEqual(is(0, 900, true));
    const without = await queue('no-offers', { businessHours: 'nine-to-five' });
    const answered = { openFor: 3_600, immediateOfferHoursOpenFor: -1, isWithinImmediateOfferTime: false, isImmediateEnabled: true };
    expect(await openFor(without, `start=2026-03-02T16:00:00Z&${all}`)).toEqual(answered);
  });
  it('replaces now by start, while the wait stays today’s', async () => {
    const name = await queue('start', { businessHours: 'nine-to-five', immediateBlackoutMinutes: 0 });
    await agents(['a', name]);
    await flow([{ queue: name, waiting: Array.from({ length: 10 }, () => caller()), distributedAt: left(360, 5) }]);
    const within = async (start: string) =>
      at(await openFor(name, `start=${start}&returnWithinImmediateOfferTime=true`), 'isWithinImmediateOfferTime');
    // an hour's wait, on a Monday a month later too
    expect([await within('2026-04-06T15:59:59Z'), await within('2026-04-06T16:00:00Z')]).toEqual([true, false]);
  });
  it('reads start as a local time of timezone, where that is given', async () => {
    const name = await queue('local', { businessHours: 'nine-to-five' });
    // 12:30 in Paris is 11:30 UTC
    expect(await openFor(name, 'start=2026-03-02T12:30:00.000&timezone=Europe/Paris')).toEqual({ openFor: 5.5 * 3600 });
    for (const query of ['start=2026-03-02T12:30:00.000', 'start=2026-03-02T12:30:00.000Z&timezone=Europe/Paris', 'start=noon'])
      expect(await openFor(name, query)).toMatchObject({ status: 400, code: 1001, errors: [{ path: 'start' }] });
    expect(await openFor(name, 'timezone=Mars')).toMatchObject({ status: 400, errors: [{ path: 'timezone' }] });
    expect(await openFor(name, 'checkImmediateEnabled=yes')).toMatchObject({ status: 400, errors: [{ path: 'checkImmediateEnabled' }] });
    expect(await openFor('nowhere')).toMatchObject({ status: 400, code: 7040, errors: [{ path: 'serviceName' }] });
  });
});

describe('the list of queues', () => {
  it('has rows as they are described, whatever the queues are called', async () => {
    for (const name of ['a "quoted" one', 'back\\slash', 'ü 客服 \u{1f4de}', '</script>']) {
      await put(`/api/queue-settings/${encodeURIComponent(name)}`, {});
      const shown = await row(name);
      expect(shown).toMatchObject({ queue: name });
      expect(queueRow.strict().parse(shown)).toEqual(shown);
    }
  });
  it('shows what is known of each, and null with a reason for what is not', async () => {
    const name = await queue('listed', { businessHours: 'split', scheduledEnabled: false });
    await api.clock.advanceBy(30_000);
    expect(await row(name)).toEqual({
      ...{ queue: name, estimatedWaitTime: null, calls: null, averageQuittingTime: null, queuedCallbacks: 0, scheduledCallbacks: 0 },
      office: { state: 'OPEN', until: '2026-03-02T12:00:00.000Z' },
      rules: { numbers: null, capacity: null, regions: null },
      ...{ immediateAccepted: true, scheduledAccepted: false, retired: false, stop: null },
      unknown: { estimatedWaitTime: 'NO_INTERACTIONS', averageQuittingTime: 'NO_INTERACTIONS', calls: 'FLOW_NOT_REPORTED' },
    });
    await book(name);
    await book(name, { desiredTime: iso(NOW + 86_400_000) });
    expect(await row(name)).toMatchObject({ calls: null, queuedCallbacks: 1, scheduledCallbacks: 1 });
    await put(`/api/queues/${name}/rules`, { regions: 'affinity' });
    await put(`/api/queues/${name}/stop`, { stopped: true, reason: 'fire drill' });
    await flow([{ queue: name, waiting: [caller(), caller()], distributedAt: left(7, 3) }]);
    await api.settle();
    expect(await row(name)).toMatchObject({
      ...{ estimatedWaitTime: 21, calls: 3, averageQuittingTime: 7, unknown: {} },
      rules: { numbers: null, capacity: null, regions: 'affinity' },
      stop: { of: 'queue', by: 'administrator', reason: 'fire drill' },
    });
  });
  it('says how the office stands', async () => {
    const of = async (name: string) => at(await row(name), 'office');
    expect(await of(await queue('office-all-day'))).toEqual({ state: 'OPEN_ALL_DAY', until: null });
    await hours('tuesdays', { tue: [['08:00', '09:00']] });
    expect(await of(await queue('office-tuesdays', { businessHours: 'tuesdays' }))).toEqual({
      state: 'CLOSED',
      until: '2026-03-03T08:00:00.000Z',
    });
    const never = await queue('office-never', { businessHours: 'shut' });
    expect(await row(never)).toMatchObject({ office: { state: 'CLOSED', until: null }, unknown: { office: 'NO_CHANGE_KNOWN' } });
  });
  it('has the default row, which takes no bookings', async () => {
    expect(await row('default')).toMatchObject({ queue: 'default', immediateAccepted: false, scheduledAccepted: false });
  });
  it('comes in pages of 50, in order, of a part of the name or of chosen ones', async () => {
    const names = Array.from({ length: 60 }, (_, n) => `Page-${String(n).padStart(2, '0')}`);
    for (const name of names) await make(`/api/queue-settings/${name}`, {});
    await api.settle();
    const read = async (query: string) => {
      const body = await list(query);
      const items = at(body, 'items');
      return {
        queues: Array.isArray(items) ? items.map((item) => at(item, 'queue')) : [],
        next: at(body, 'next'),
        total: at(body, 'total'),
      };
    };
    const first = await read('?contains=page-');
    expect(first).toMatchObject({ queues: names.slice(0, 50), total: 60 });
    expect(await read(`?contains=page-&cursor=${first.next}`)).toEqual({ queues: names.slice(50), next: null, total: 60 });
    expect(await read('?contains=PAGE-5&sort=-queue&limit=3')).toMatchObject({ queues: ['Page-59', 'Page-58', 'Page-57'], total: 10 });
    expect(await read('?queue=Page-07&queue=nowhere&queue=Page-03')).toEqual({ queues: ['Page-03', 'Page-07'], next: null, total: 2 });
    expect(await read('?contains=no%20such%20queue')).toEqual({ queues: [], next: null, total: 0 });
    for (const [query, path] of [
      ['cursor=x!', 'cursor'],
      ['limit=0', 'limit'],
      ['limit=251', 'limit'],
      ['sort=calls', 'sort'],
      ['contains=', 'contains'],
      ['other=1', 'other'],
    ] as const)
      expect(failureOf(await ask(api.url, 'GET', `/api/queues?${query}`, admin()))).toMatchObject({ status: 400, errors: [{ path }] });
  });
  it('has only queues that the asker reads, beside the default row', async () => {
    await put('/api/access-groups/few', { roles: ['Supervisor'], members: [], reads: [{ queue: 'listed' }] }, created());
    await put('/api/users/ann', { name: 'ann', groups: ['few'] }, created());
    await api.settle();
    const token = textAt((await ask(api.url, 'POST', '/api/users/ann/tokens', admin(), {})).body, 'token');
    await api.settle();
    const seen = await list('', { authorization: `Bearer ${token}` });
    expect(at(seen, 'total')).toBe(2);
    expect([at(seen, 'items', 0, 'queue'), at(seen, 'items', 1, 'queue')]).toEqual(['default', 'listed']);
    const monitor = { authorization: `Bearer ${await api.token('watcher', 'Monitor')}` };
    expect((await ask(api.url, 'GET', '/api/queues', monitor)).status).toBe(403);
  });
});
