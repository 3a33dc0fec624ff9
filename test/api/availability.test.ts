import fc from 'fast-check';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const MINUTE = 60_000;
const allWeek = { mon: 'all-day', tue: 'all-day', wed: 'all-day', thu: 'all-day', fri: 'all-day', sat: 'all-day', sun: 'all-day' };
const utc = (text: string): string => `2026-03-${text}:00.000Z`;

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  ask(api.url, method, `/api${path}`, { authorization: `Bearer ${api.adminToken}`, 'if-match': '*' }, body);
const put = async (path: string, body: unknown): Promise<void> => {
  const make = { authorization: `Bearer ${api.adminToken}`, 'if-none-match': '*' };
  const made = await ask(api.url, 'PUT', `/api${path}`, make, body);
  const answer = made.status === 412 ? await admin('PUT', path, body) : made;
  if (answer.status > 201) throw new Error(answer.text);
};
/** A queue with hours of its own. */
const queueWith = async (queue: string, settings: object, hours: object = {}): Promise<void> => {
  await put(`/business-hours/of-${queue}`, { zone: 'UTC', weekly: allWeek, ...hours });
  await put(`/queue-settings/${queue}`, { businessHours: `of-${queue}`, slotDurationMinutes: 15, slotCapacity: 2, ...settings });
  await api.settle();
};

const query = (queue: string, parameters: Readonly<Record<string, string>> = {}, key = api.apiKey): Promise<Answer> =>
  ask(api.url, 'GET', `/engagement/v3/callbacks/availability/${encodeURIComponent(queue)}?${new URLSearchParams(parameters)}`, {
    'x-api-key': key,
  });
const data = z.strictObject({
  slots: z.array(
    z.strictObject({
      utcTime: z.iso.datetime({ precision: 3 }),
      localTime: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/),
      capacity: z.int().min(0),
      total: z.int().min(0),
    }),
  ),
  durationMin: z.int(),
  timezone: z.string(),
});
const available = async (queue: string, parameters: Readonly<Record<string, string>> = {}) => {
  const answer = await query(queue, parameters);
  if (answer.status !== 200) throw new Error(answer.text);
  return data.parse(at(answer.body, 'data'));
};
const shortly = ({ slots }: z.output<typeof data>) => slots.map(({ utcTime, capacity }) => `${utcTime.slice(8, 16)} ${capacity}`);

const client = (operation: string, body: object): Promise<Answer> =>
  ask(api.url, 'POST', `/engagement/v3/callbacks/${operation}`, { 'x-api-key': api.apiKey }, body);
const book = (queue: string, desiredTime: string, alwaysCheckCapacity = false): Promise<Answer> =>
  client('create', { serviceName: queue, phoneNumber: '+15105550100', desiredTime, alwaysCheckCapacity });
const bookedId = async (queue: string, desiredTime: string): Promise<string> => textAt((await book(queue, desiredTime)).body, 'data', 'id');

describe('what is answered', () => {
  it('is the rest of the day, with what is left of each open slot, and what it holds', async () => {
    await queueWith('shop', {}, { weekly: { mon: [['09:50', '10:31']] } });
    const { status, body, headers } = await query('shop');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('x-lag-ms')).toBeNull();
    expect(status).toBe(200);
    expect(body).toEqual({
      status: { code: 200, message: 'Successful', corrId: headers.get('x-correlation-id') },
      data: {
        slots: [
          { utcTime: utc('02T10:15'), localTime: '2026-03-02T10:15:00.000', capacity: 2, total: 2 },
          { utcTime: utc('02T10:30'), localTime: '2026-03-02T10:30:00.000', capacity: 2, total: 2 },
        ],
        durationMin: 15,
        timezone: 'UTC',
      },
    });
  });

  it('is no slot of a closed office, and every one of one that is always open', async () => {
    await queueWith('closed', {}, { weekly: {} });
    expect((await available('closed', { numberOfDays: '92' })).slots).toEqual([]);
    await queueWith('hourly', { slotDurationMinutes: 60 });
    expect((await available('hourly', { start: utc('03T00:00') })).slots).toHaveLength(24);
  });

  it('holds for slots of the queue’s zone, in whose terms it was asked and rendered', async () => {
    await queueWith('nepal', { slotDurationMinutes: 60 }, { zone: 'Asia/Kathmandu', weekly: { tue: [['05:00', '07:00']] } });
    const asked = { timezone: 'America/New_York', start: '2026-03-02T18:00:00', end: '2026-03-02T20:00' };
    expect(await available('nepal', asked)).toEqual({
      slots: [
        { utcTime: utc('02T23:15'), localTime: '2026-03-02T18:15:00.000', capacity: 2, total: 2 },
        { utcTime: utc('03T00:15'), localTime: '2026-03-02T19:15:00.000', capacity: 2, total: 2 },
      ],
      durationMin: 60,
      timezone: 'America/New_York',
    });
  });
});

describe('what is left of a slot', () => {
  it('is exact at once after every booking, move and cancel', async () => {
    await queueWith('exact', {});
    const day = { start: utc('03T10:00'), end: utc('03T10:45'), reportBusy: 'true' };
    const left = async () => shortly(await available('exact', day)).map((slot) => slot.slice(3));
    const id = await bookedId('exact', utc('03T10:05'));
    expect(await left()).toEqual(['10:00 1', '10:15 2', '10:30 2']);
    await admin('POST', `/callbacks/${id}/reschedule`, { desiredTime: utc('03T10:20') });
    expect(await left()).toEqual(['10:00 2', '10:15 1', '10:30 2']);
    const ids = await Promise.all([1, 2, 3].map(() => bookedId('exact', utc('03T10:29'))));
    expect(await left()).toEqual(['10:00 2', '10:15 0', '10:30 2']);
    expect(shortly(await available('exact', { ...day, reportBusy: 'false' }))).toEqual(['03T10:00 2', '03T10:30 2']);
    for (const one of [id, ...ids.slice(1)]) await client('cancel', { id: one });
    expect(await left()).toEqual(['10:00 2', '10:15 1', '10:30 2']);
  });

  it('is counted anew by the duration, hours and capacity of the moment', async () => {
    await queueWith('changing', { slotCapacity: 3 });
    const day = { start: utc('03T09:00'), end: utc('03T11:00') };
    await bookedId('changing', utc('03T10:05'));
    await bookedId('changing', utc('03T10:50'));
    await queueWith('changing', { slotDurationMinutes: 60 });
    expect(shortly(await available('changing', day))).toEqual(['03T09:00 2']);
    await queueWith('changing', { slotDurationMinutes: 60, slotCapacity: 5 }, { weekly: { tue: [['09:30', '11:00']] } });
    expect(shortly(await available('changing', day))).toEqual(['03T10:00 3']);
    await put('/rules/capacity/changes', { days: { tue: { '10:00': 4, '10:30': 1 } }, duration: 30 });
    await admin('PUT', '/queues/changing/rules', { capacity: 'changes' });
    await queueWith('changing', { slotDurationMinutes: 30 }, { weekly: { tue: [['09:30', '11:00']] } });
    const all = await available('changing', { ...day, reportBusy: 'true' });
    expect(all.slots.map(({ utcTime, capacity, total }) => [utcTime.slice(11, 16), capacity, total])).toEqual([
      ['09:30', 0, 0],
      ['10:00', 3, 4],
      ['10:30', 0, 1],
    ]);
    await put('/rules/capacity/changes', { days: { tue: { '10:30': 2 } }, duration: 30 });
    await api.settle();
    expect(shortly(await available('changing', day))).toEqual(['03T10:30 1']);
  });

  it('counts places on both sides of midnight in a slot that lies across it', async () => {
    await queueWith('midnight', { slotDurationMinutes: 60, slotCapacity: 5 }, { zone: 'Asia/Kathmandu' });
    await bookedId('midnight', utc('03T23:20'));
    await bookedId('midnight', utc('04T00:10'));
    const asked = { start: utc('03T23:00'), end: utc('04T01:00') };
    expect(shortly(await available('midnight', asked))).toEqual(['03T23:15 3', '04T00:15 5']);
    await bookedId('midnight', utc('04T00:14'));
    expect(shortly(await available('midnight', asked))).toEqual(['03T23:15 2', '04T00:15 5']);
  });

  it('is what a full slot’s refusal proposes, and the other way round', async () => {
    await queueWith('agreeing', { slotCapacity: 1, slotDurationMinutes: 20 }, { weekly: { tue: [['09:00', '12:00']] } });
    const wished = utc('03T10:20');
    for (const time of [wished, utc('03T10:45'), utc('03T11:00')]) await bookedId('agreeing', time);
    const refused = await book('agreeing', wished, true);
    expect(refused.status).toBe(429);
    const proposed = z.array(z.object({ utcTime: z.string(), capacity: z.int() })).parse(at(refused.body, 'proposed'));
    const { slots } = await available('agreeing', { start: utc('03T00:00') });
    expect(slots).toHaveLength(6);
    const byTime = (a: { utcTime: string }, b: { utcTime: string }) => (a.utcTime < b.utcTime ? -1 : 1);
    const sameDay = proposed.filter(({ utcTime }) => utcTime < utc('04T00:00')).sort(byTime);
    expect(sameDay).toEqual(slots.map(({ utcTime, capacity }) => ({ utcTime, capacity })));
  });
});

describe('the stretch that is asked for', () => {
  const times = async (parameters: Readonly<Record<string, string>>) => {
    const { slots } = await available('stretch', parameters);
    return [slots.length, slots[0]?.utcTime, slots.at(-1)?.utcTime];
  };
  beforeAll(() => queueWith('stretch', { slotDurationMinutes: 60 }, { zone: 'Europe/Paris' }));

  it('leaves out what has begun, and begins now when nothing says otherwise', async () => {
    expect(await times({})).toEqual([13, utc('02T11:00'), utc('02T23:00')]);
    expect(await times({ start: utc('01T00:00'), end: utc('02T12:00') })).toEqual([1, utc('02T11:00'), utc('02T11:00')]);
    expect(await times({ start: utc('01T00:00'), end: utc('02T10:00') })).toEqual([0, undefined, undefined]);
    expect(await times({ end: utc('01T10:00') })).toEqual([0, undefined, undefined]);
    expect(await times({ startMS: String(NOW), endMS: String(NOW + 60 * MINUTE + 1) })).toEqual([1, utc('02T11:00'), utc('02T11:00')]);
  });

  it('ends before its end, or with the days of the timezone that were asked for', async () => {
    expect(await times({ start: utc('03T00:00'), end: utc('03T05:00') })).toEqual([5, utc('03T00:00'), utc('03T04:00')]);
    expect(await times({ start: utc('03T08:30') })).toEqual([15, utc('03T09:00'), utc('03T23:00')]);
    expect(await times({ start: utc('03T08:30'), numberOfDays: '2' })).toEqual([39, utc('03T09:00'), utc('04T23:00')]);
    const tokyo = { timezone: 'Asia/Tokyo', start: '2026-03-04T08:30:00.000' };
    expect(await times(tokyo)).toEqual([15, utc('04T00:00'), utc('04T14:00')]);
    expect(await times({ ...tokyo, numberOfDays: '3' })).toEqual([63, utc('04T00:00'), utc('06T14:00')]);
    expect(await times({ timezone: 'Asia/Tokyo', startMS: String(Date.parse(utc('03T23:30'))) })).toEqual([
      15,
      utc('04T00:00'),
      utc('04T14:00'),
    ]);
  });

  it('has 23 slots of an hour on the day on which clocks leave one out, and 25 where one comes twice', async () => {
    const day = async (start: string) => {
      const { slots } = await available('stretch', { timezone: 'Europe/Paris', start: `${start}T00:00:00` });
      return slots.map(({ localTime }) => localTime.slice(11, 13));
    };
    const spring = await day('2026-03-29');
    expect([spring.length, spring.slice(0, 4)]).toEqual([23, ['00', '01', '03', '04']]);
    const autumn = await day('2026-10-25');
    expect([autumn.length, autumn.slice(0, 5)]).toEqual([25, ['00', '01', '02', '02', '03']]);
    const skipped = await available('stretch', { timezone: 'Europe/Paris', start: '2026-03-29T02:30:00', end: '2026-03-29T04:00:00' });
    expect(skipped.slots.map(({ utcTime }) => utcTime)).toEqual([utc('29T01:00')]);
    const twice = await available('stretch', { timezone: 'Europe/Paris', start: '2026-10-25T02:00:00', end: '2026-10-25T03:00:00' });
    expect(twice.slots.map(({ utcTime }) => utcTime.slice(11, 13))).toEqual(['00', '01']);
  });

  it('ends with so many free slots, among which full ones don’t count', async () => {
    await queueWith('counted', { slotCapacity: 1, slotDurationMinutes: 60 });
    for (const time of ['03T01:00', '03T02:00', '03T04:00']) await bookedId('counted', utc(time));
    const asked = { start: utc('03T00:00'), numberOfDays: '2' };
    expect(shortly(await available('counted', { ...asked, maxTimeSlots: '3' }))).toEqual(['03T00:00 1', '03T03:00 1', '03T05:00 1']);
    expect(shortly(await available('counted', { ...asked, maxTimeSlots: '3', reportBusy: 'true' }))).toEqual([
      ...['03T00:00 1', '03T01:00 0', '03T02:00 0', '03T03:00 1', '03T04:00 0', '03T05:00 1'],
    ]);
    expect((await available('counted', { ...asked, maxTimeSlots: '30' })).slots).toHaveLength(30);
    expect((await available('counted', { ...asked, maxTimeSlots: '100' })).slots).toHaveLength(45);
  });
});

describe('what is wrong with a query', () => {
  const wrong = (path: string, parameters: Readonly<Record<string, string>>) => [path, parameters] as const;
  it.each([
    wrong('startMS', { start: utc('03T00:00'), startMS: '1' }),
    wrong('endMS', { end: utc('03T00:00'), endMS: '1' }),
    wrong('numberOfDays', { end: utc('03T00:00'), numberOfDays: '1' }),
    wrong('numberOfDays', { endMS: '1', numberOfDays: '1' }),
    wrong('start', { start: 'soon' }),
    wrong('start', { start: '2026-02-30T00:00:00Z' }),
    wrong('start', { start: '2026-03-03' }),
    wrong('start', { start: '2026-03-03T00:00:00' }),
    wrong('start', { start: '2026-03-03T00:00:00+01:00' }),
    wrong('start', { start: utc('03T00:00'), timezone: 'Europe/Paris' }),
    wrong('start', { start: '2026-03-03T00:00:00+01:00', timezone: 'Europe/Paris' }),
    wrong('end', { end: '2026-03-03T24:30:00', timezone: 'Europe/Paris' }),
    wrong('end', { end: '' }),
    wrong('end', { start: utc('03T10:00'), end: utc('03T10:00') }),
    wrong('end', { start: utc('03T10:00'), end: utc('03T09:00') }),
    wrong('endMS', { start: utc('03T10:00'), endMS: '1' }),
    wrong('end', { end: '2026-06-03T00:00:00Z' }),
    wrong('startMS', { startMS: '-1' }),
    wrong('startMS', { startMS: '1.5' }),
    wrong('startMS', { startMS: '999999999999999' }),
    wrong('numberOfDays', { numberOfDays: '0' }),
    wrong('numberOfDays', { numberOfDays: '93' }),
    wrong('numberOfDays', { numberOfDays: 'two' }),
    wrong('timezone', { timezone: 'Mars/Olympus' }),
    wrong('timezone', { timezone: '+02:00' }),
    wrong('maxTimeSlots', { maxTimeSlots: '0' }),
    wrong('maxTimeSlots', { maxTimeSlots: '-3' }),
    wrong('reportBusy', { reportBusy: 'yes' }),
  ])('is told with the path: %s of %j', async (path, parameters) => {
    const { status, code, errors } = failureOf(await query('demo', parameters));
    expect([status, code]).toEqual([400, 1001]);
    expect(
      z
        .array(z.object({ path: z.string(), message: z.string().min(1) }))
        .parse(errors)
        .map((error) => error.path),
    ).toEqual([path]);
  });

  it('is not a parameter that nobody knows, nor a last day of 92', async () => {
    expect((await query('demo', { somethingElse: 'x', numberOfDays: '92' })).status).toBe(200);
    expect((await query('demo', { start: utc('03T00:00'), end: '2026-06-03T00:00:00Z' })).status).toBe(200);
  });
  it('is the same parameter twice', async () => {
    const answer = await ask(api.url, 'GET', '/engagement/v3/callbacks/availability/demo?numberOfDays=1&numberOfDays=2', {
      'x-api-key': api.apiKey,
    });
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1001, errors: [{ path: 'numberOfDays' }] });
  });
  it('is a service that isn’t there, or the default row', async () => {
    for (const queue of ['nowhere', 'default', 'a/b', 'ä'])
      expect(failureOf(await query(queue))).toMatchObject({ status: 400, code: 7040, errors: [{ path: 'serviceName' }] });
  });
  it('is a key without the right to callbacks, or none', async () => {
    expect((await query('demo', {}, await api.key('stranger', 'statistics'))).status).toBe(403);
    expect((await query('demo', {}, 'nobody')).status).toBe(401);
  });
});

describe('whatever is asked for', () => {
  it('is the same as of every slot of the days, one by one', async () => {
    await queueWith('any', { slotDurationMinutes: 20 }, { zone: 'Asia/Kathmandu', weekly: { ...allWeek, wed: [['08:05', '11:10']] } });
    const booked = ['03T01:00', '03T01:01', '03T18:14', '03T18:20', '05T05:00', '05T05:19'].map(utc);
    for (const time of booked) await bookedId('any', time);
    const whole = await available('any', { startMS: String(NOW), numberOfDays: '5', reportBusy: 'true' });
    expect(whole.slots.filter(({ capacity }) => capacity === 0).length).toBeGreaterThan(0);
    const zones = ['UTC', 'Asia/Kathmandu', 'America/New_York'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -200, max: 6_000 }),
        fc.integer({ min: 1, max: 3_000 }),
        fc.constantFrom(...zones),
        fc.option(fc.integer({ min: 1, max: 50 })),
        fc.boolean(),
        async (startsIn, minutes, timezone, most, withFull) => {
          const [from, to] = [NOW + startsIn * MINUTE, NOW + (startsIn + minutes) * MINUTE];
          const local = (ms: number) => DateTime.fromMillis(ms, { zone: timezone }).toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS");
          const asked = {
            start: local(from),
            end: local(to),
            timezone,
            reportBusy: String(withFull),
            ...(most && { maxTimeSlots: String(most) }),
          };
          const inside = whole.slots.filter(({ utcTime }) => Date.parse(utcTime) >= from && Date.parse(utcTime) < to);
          let free = 0;
          const expected = inside.filter(({ capacity }) => {
            if (free === (most ?? -1)) return false;
            if (capacity > 0) free++;
            return withFull || capacity > 0;
          });
          const { slots } = await available('any', asked);
          const end = Date.parse(whole.slots.at(-1)?.utcTime ?? '');
          expect(slots.filter(({ utcTime }) => Date.parse(utcTime) <= end)).toEqual(
            expected.map((slot) => ({ ...slot, localTime: local(Date.parse(slot.utcTime)) })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
