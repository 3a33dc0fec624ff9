import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readsStream } from '../../src/domain/audit/events.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { all } from '../eventstore/door.ts';
import { ask, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
let id: string;
let position: string;
let appends = 0;
let refuse = false;
beforeAll(async () => {
  api = await startApi(({ commands }) => {
    const append: EventStore['append'] = (...args) => {
      appends++;
      return refuse
        ? Promise.reject(Object.assign(new Error('14 UNAVAILABLE: away'), { code: 14, metadata: {} }))
        : commands.store.append(...args);
    };
    return { commands: { ...commands, store: { ...commands.store, append } } };
  });
  const booking = { serviceName: 'demo', phoneNumber: '+12125550123' };
  const booked = await ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, booking);
  id = textAt(booked.body, 'data', 'id');
  position = booked.headers.get('x-position') ?? '';
});
afterAll(() => api.close());

const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
/** What a read adds to the day's reads, and how many appends it takes. */
const recorded = async (path: string, headers: Record<string, string> = admin(), method = 'GET', body?: unknown) => {
  const stream = readsStream(new Date(NOW).toISOString());
  const before = (await all(api.store.readStream(stream))).length;
  appends = 0;
  const answer = await ask(api.url, method, path, headers, body);
  const facts = (await all(api.store.readStream(stream))).slice(before);
  const corrId = answer.headers.get('x-correlation-id');
  for (const { metadata } of facts)
    expect(metadata).toMatchObject({ correlationId: corrId, actor: { kind: 'user', name: 'administrator' } });
  return { status: answer.status, appends, facts: facts.map(({ data }) => data) };
};
const found = (fact: object) => ({
  status: 200,
  appends: 1,
  facts: [{ callbackId: null, searched: null, at: new Date(NOW).toISOString(), ...fact }],
});

describe('who reads personal data is a fact, by one append', () => {
  it('for one callback and its history', async () => {
    const detail = { kind: 'DETAIL', callbackId: id, queue: 'demo', filters: {} };
    expect(await recorded(`/api/callbacks/${id}`)).toEqual(found({ ...detail, operation: 'getCallback', rows: 1 }));
    expect(await recorded(`/api/callbacks/${id}/history`)).toEqual(found({ ...detail, operation: 'getCallbackHistory', rows: 2 }));
  });
  it('for a callback as it was', async () => {
    const { facts } = await recorded(`/api/audit/as-of?position=${position}&callback=${id}`);
    expect(facts).toEqual([expect.objectContaining({ kind: 'DETAIL', operation: 'getAsOf', callbackId: id, rows: 1 })]);
  });
  it('for a search by part of a number, of which only a keyed hash is kept', async () => {
    const search = '/api/callbacks?column=phoneNumber&contains=2125550123&queue=demo';
    const headers = { ...admin(), 'x-position': position };
    const first = await recorded(search, headers);
    const filters = { column: ['phoneNumber'], queue: ['demo'], sort: ['desiredTime'] };
    const searched = expect.stringMatching(/^[\w-]{43}$/);
    expect(first).toEqual(found({ kind: 'SEARCH', operation: 'listCallbacks', filters, searched, rows: 1 }));
    expect(JSON.stringify(first.facts)).not.toContain('2125550123');
    const again = await recorded(search, headers);
    expect(again.facts).toEqual(first.facts);
    const other = await recorded('/api/callbacks?column=phoneNumber&contains=9&queue=demo', headers);
    expect(other.facts[0]).toMatchObject({ rows: 0 });
    expect(other.facts[0]).not.toEqual(first.facts[0]);
  });
});

describe('nothing is recorded', () => {
  it('of a list that looks for nothing, of what isn’t there, and of settings', async () => {
    for (const path of ['/api/callbacks', '/api/callbacks/nothing', '/api/queue-settings', '/api/audit/as-of?position=0&queue=demo'])
      expect(await recorded(path), path).toMatchObject({ appends: 0, facts: [] });
  });
  it('of a client that asks for what it booked', async () => {
    expect(await recorded('/engagement/v3/callbacks/retrieve', { 'x-api-key': api.apiKey }, 'POST', { id })).toEqual({
      ...{ status: 200, appends: 0, facts: [] },
    });
  });
});

it('what can’t be recorded isn’t shown', async () => {
  refuse = true;
  const answer = await ask(api.url, 'GET', `/api/callbacks/${id}`, admin());
  refuse = false;
  expect(failureOf(answer)).toMatchObject({ status: 503, code: 5001 });
  expect(answer.text).not.toContain('2125550123');
});
