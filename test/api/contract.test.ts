import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const post = (operation: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.url, 'POST', `/engagement/v3/callbacks/${operation}`, { 'x-api-key': api.apiKey, ...headers }, body);
const good = { serviceName: 'demo', phoneNumber: '+15105550100' };
const book = async (body: object = {}, headers: Record<string, string> = {}): Promise<string> =>
  textAt((await post('create', { ...good, ...body }, headers)).body, 'data', 'id');
const historyOf = async (id: string) => {
  const events = [];
  for await (const event of api.store.readStream(callbackStream(id), { personal: true })) events.push(event);
  return events;
};
const settings = (queue: string, row: object) =>
  ask(api.url, 'PUT', `/api/queue-settings/${queue}`, { authorization: `Bearer ${api.adminToken}` }, row);

describe('create', () => {
  it('answers the envelope with the id, the correlation id and where it was recorded', async () => {
    const { status, body, headers } = await post('create', good);
    const corrId = headers.get('x-correlation-id');
    expect(status).toBe(200);
    expect(body).toEqual({ status: { code: 200, message: 'Successful', corrId }, data: { id: textAt(body, 'data', 'id') } });
    const events = await historyOf(textAt(body, 'data', 'id'));
    expect(events.map(({ type }) => type)).toEqual(['CallbackBooked', 'CallbackQueued']);
    expect(headers.get('x-position')).toBe(String(events.at(-1)?.position));
    expect(events.map(({ metadata }) => metadata)).toEqual(
      events.map(() =>
        expect.objectContaining({
          correlationId: corrId,
          causationId: corrId,
          actor: expect.objectContaining({ kind: 'client', name: 'web site' }),
        }),
      ),
    );
  });

  it('records every field of the body', async () => {
    const id = await book({
      ...{
        phoneNumber: '+442079460123',
        desiredTime: '2026-03-03T12:00:00.5+02:00',
        cbOfferType: 'COMBINED_SCHEDULED_AND_ASAP',
        language: 'fr-CA',
      },
      ...{
        inboundVQ: 'front',
        offerThreshold: 90.5,
        channel: 'web',
        offerTiming: 'OFF-HOURS',
        cbOriginationIxnId: 'ixn-1',
        surveyRP: 'survey',
      },
      ...{ priority: 7, routePoint: 'rp', userData: { order: 12, 'not kept': 1, nested: { a: [1, null] } }, captchaToken: 'x' },
      ...{ pushTargets: [{ channel: 'FCM', target: 't1' }], pushChannel: 'FCM', pushTarget: 't2', somethingElse: true },
    });
    const [booked] = await historyOf(id);
    expect(booked?.data).toMatchObject({
      ...{ queue: 'demo', kind: 'SCHEDULED', direction: 'USERTERMINATED', desiredTime: '2026-03-03T10:00:00.500Z', language: 'fr-CA' },
      offer: {
        ...{ type: 'COMBINED_SCHEDULED_AND_ASAP', timing: 'OFF-HOURS', thresholdSeconds: 90.5, inboundQueue: 'front' },
        ...{ channel: 'web', originationInteractionId: 'ixn-1' },
      },
      overrides: { priority: 7, routePoint: 'rp', surveyRoutePoint: 'survey' },
      number: { country: 'GB', callingCode: '44' },
      ...{ phoneNumber: '+442079460123', capacityChecked: false },
      userData: { order: 12, nested: { a: [1, null] } },
      pushTargets: [
        { channel: 'FCM', target: 't1' },
        { channel: 'FCM', target: 't2' },
      ],
    });
  });

  it('takes defaults for what is left out, and empty text for nothing', async () => {
    const [booked] = await historyOf(await book({ routePoint: '', inboundVQ: '', channel: '' }));
    expect(booked?.data).toMatchObject({
      ...{ kind: 'IMMEDIATE', desiredTime: new Date(NOW).toISOString(), language: 'en-US', userData: {}, pushTargets: [] },
      offer: { type: 'ASAP', timing: null, thresholdSeconds: null, inboundQueue: null, channel: null },
      overrides: { priority: null, routePoint: null, surveyRoutePoint: null },
    });
    const [scheduled] = await historyOf(await book({ desiredTime: '2026-03-03T10:00:00Z' }));
    expect(scheduled?.data).toMatchObject({ kind: 'SCHEDULED', offer: { type: 'SCHEDULED' } });
  });

  it('keeps the number, user data and push targets sealed in the log', async () => {
    const id = await book({ userData: { secret: 'kept apart' }, pushTargets: [{ channel: 'FCM', target: 'a-token' }] });
    for await (const event of api.store.readStream(callbackStream(id))) {
      expect(JSON.stringify(event.data)).not.toMatch(/5105550100|kept apart|a-token/);
    }
  });

  it('records the why that came in a header', async () => {
    const [booked] = await historyOf(await book({}, { 'x-reason': 'asked on the phone' }));
    expect(booked?.metadata.reason).toBe('asked on the phone');
  });
});

describe('create under an Idempotency-Key', () => {
  const under = (key: string, body: object, headers: Record<string, string> = {}) =>
    post('create', body, { 'idempotency-key': key, ...headers });

  it('finds the first booking again, whatever the order of the fields and the CAPTCHA token', async () => {
    const first = await under('order', { ...good, captchaToken: 'one' });
    const before = await api.store.lastPosition();
    const again = await under('order', { captchaToken: 'two', phoneNumber: good.phoneNumber, serviceName: good.serviceName });
    expect([again.status, at(again.body, 'data')]).toEqual([200, at(first.body, 'data')]);
    expect(again.headers.get('x-position')).toBe(first.headers.get('x-position'));
    expect(await api.store.lastPosition()).toBe(before);
  });

  it('is 409 with another body, for immediate and scheduled alike', async () => {
    for (const time of [{}, { desiredTime: '2026-03-03T10:00:00Z' }]) {
      const key = `other ${Object.keys(time)}`.replaceAll(' ', '-');
      expect((await under(key, { ...good, ...time })).status).toBe(200);
      expect(failureOf(await under(key, { ...good, ...time, channel: 'web' }))).toMatchObject({ status: 409, code: 4003 });
      expect((await under(key, { ...good, ...time })).status).toBe(200);
    }
  });

  it('answers as the first did after its queue was deleted, and another body is still 409', async () => {
    const header = { authorization: `Bearer ${api.adminToken}` };
    for (const [queue, time] of [
      ['passing-now', {}],
      ['passing-later', { desiredTime: '2026-03-03T10:00:00Z' }],
    ] as const) {
      await settings(queue, {});
      await api.settle();
      const wish = { ...good, serviceName: queue, ...time };
      const first = await under(queue, wish);
      expect(first.status).toBe(200);
      await post('cancel', { id: textAt(first.body, 'data', 'id') });
      await api.settle();
      expect((await ask(api.url, 'DELETE', `/api/queue-settings/${queue}`, { ...header, 'if-match': '*' })).status).toBe(204);
      const again = await under(queue, wish);
      expect([again.status, at(again.body, 'data')]).toEqual([200, at(first.body, 'data')]);
      expect(failureOf(await under(queue, { ...wish, channel: 'web' }))).toMatchObject({ status: 409, code: 4003 });
      expect(failureOf(await under(`${queue}-anew`, wish))).toMatchObject({ status: 400, code: 7040 });
    }
  });

  it('answers as the first did while the desired time comes, passes and lies far back', async () => {
    const wish = { ...good, desiredTime: new Date(api.clock.now() + 60_000).toISOString() };
    const first = await under('passing-time', wish);
    for (const ms of [60_000, 60_000, 3_600_000]) {
      await api.clock.advanceBy(ms);
      const again = await under('passing-time', wish);
      expect([again.status, at(again.body, 'data')]).toEqual([200, at(first.body, 'data')]);
    }
    expect(failureOf(await under('passing-time', { ...wish, channel: 'web' }))).toMatchObject({ status: 409, code: 4003 });
  });

  it('is a key of its client’s own', async () => {
    const other = await api.key('another site', 'callbacks');
    await api.settle();
    const mine = await under('shared', good);
    const theirs = await under('shared', good, { 'x-api-key': other });
    expect(textAt(theirs.body, 'data', 'id')).not.toBe(textAt(mine.body, 'data', 'id'));
  });

  it('books once for a crowd of the same', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => under('crowd', { ...good, desiredTime: '2026-03-04T10:00:00Z' })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => textAt(body, 'data', 'id'))).size).toBe(1);
  });
});

describe('a full slot', () => {
  const wish = { ...good, serviceName: 'narrow', desiredTime: '2026-03-03T10:05:00Z', alwaysCheckCapacity: true };
  beforeAll(async () => {
    await settings('narrow', { slotCapacity: 1 });
    expect((await post('create', wish)).status).toBe(200);
    await api.settle();
  });

  it('refuses with 429 and the ten nearest free slots, nearest first', async () => {
    const answer = await post('create', wish);
    expect(failureOf(answer)).toMatchObject({ status: 429, code: 4004 });
    const proposed = at(answer.body, 'proposed');
    expect(proposed).toHaveLength(10);
    expect(at(proposed, 0)).toEqual({ utcTime: '2026-03-03T10:15:00.000Z', capacity: 1 });
    expect(at(proposed, 1)).toEqual({ utcTime: '2026-03-03T09:45:00.000Z', capacity: 1 });
    const slots = at(answer.body, 'data', 'slots');
    expect(slots).toMatchObject({ '2026-03-03T10:15:00.000Z': 1 });
    expect(slots).not.toHaveProperty(['2026-03-03T10:00:00.000Z']);
  });

  it('takes a client that didn’t ask for the check', async () => {
    expect((await post('create', { ...wish, alwaysCheckCapacity: false })).status).toBe(200);
  });

  it('is held by exactly as many as it has places, under a crowd', async () => {
    const crowd = { ...wish, desiredTime: '2026-03-05T10:00:00Z' };
    const answers = await Promise.all(Array.from({ length: 12 }, () => post('create', crowd)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(11);
  });
});

describe('retrieve', () => {
  it('shows a scheduled callback without a place in line', async () => {
    const id = await book({ desiredTime: '2026-03-03T10:00:00Z' });
    const { status, body } = await post('retrieve', { id, ignored: 1 });
    expect(status).toBe(200);
    const callback = { id, desiredTime: '2026-03-03T10:00:00.000Z', callbackState: 'SCHEDULED', phoneNumber: '+15105550100' };
    expect(at(body, 'data')).toEqual(callback);
  });

  it('shows a waiting one with its place and an unknown wait as −1', async () => {
    await settings('quiet', {});
    const first = await book({ serviceName: 'quiet' });
    await api.clock.advanceBy(1);
    const second = await book({ serviceName: 'quiet' });
    const shown = async (id: string) => at((await post('retrieve', { id })).body, 'data');
    expect(await shown(first)).toMatchObject({ callbackState: 'QUEUED', positionInQueue: 1, estimatedWaitTime: -1 });
    expect(await shown(second)).toMatchObject({ callbackState: 'QUEUED', positionInQueue: 2, estimatedWaitTime: -1 });
  });

  it('shows a cancelled one with its reason and without a place', async () => {
    const id = await book();
    const cancelled = await post('cancel', { id });
    expect([cancelled.status, at(cancelled.body, 'data')]).toEqual([200, { id }]);
    const data = at((await post('retrieve', { id })).body, 'data');
    expect(data).toMatchObject({ callbackState: 'COMPLETED', callbackReason: 'CANCELLED_BY_CLIENT' });
    expect(data).not.toHaveProperty('positionInQueue');
    expect(data).not.toHaveProperty('estimatedWaitTime');
  });
});

describe('cancel', () => {
  it('is refused with 400 in a state that forbids it, and records nothing', async () => {
    const id = await book();
    await post('cancel', { id });
    const before = await api.store.lastPosition();
    const answer = await post('cancel', { id });
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 4001 });
    expect(textAt(answer.body, 'status', 'message')).toContain('COMPLETED');
    expect(await api.store.lastPosition()).toBe(before);
  });

  it('gives the place back, so that another may take it', async () => {
    await settings('single', { slotCapacity: 1 });
    const wish = { serviceName: 'single', desiredTime: '2026-03-03T10:00:00Z', alwaysCheckCapacity: true };
    const id = await book(wish);
    expect((await post('create', { ...good, ...wish })).status).toBe(429);
    const cancelled = await post('cancel', { id });
    expect(cancelled.headers.get('x-position')).toMatch(/^\d+$/);
    expect((await post('create', { ...good, ...wish })).status).toBe(200);
  });
});
