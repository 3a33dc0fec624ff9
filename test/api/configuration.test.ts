import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importConfiguration } from '../../src/commands/import-configuration.ts';
import { CONFIGURATION_STREAM } from '../../src/domain/configuration/events.ts';
import { configurationFact, evolve, initialConfiguration } from '../../src/domain/configuration/state.ts';
import { tableEtag } from '../../src/domain/configuration/table-etag.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const user = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.url, method, `/api${path}`, { authorization: `Bearer ${api.adminToken}`, ...headers }, body);
const any = { 'if-match': '*' };
const book = (serviceName: string) =>
  ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, { serviceName, phoneNumber: '+15105550100' });
const namesOf = async () => {
  const items = at((await user('GET', '/queue-settings')).body, 'items');
  return Array.isArray(items) ? items.map((row) => textAt(row, 'queue')) : [];
};

describe('a whole configuration', () => {
  it('is put back in one step, as it was', async () => {
    await user('PUT', '/rules/numbers/us', { countries: ['US'] }, { 'if-none-match': '*' });
    await user('PUT', '/queues/demo/rules', { numbers: 'us' });
    const yesterday = (await user('GET', '/configuration')).body;
    await user('PUT', '/queue-settings/today', { pacing: 0.5 });
    await user('PUT', '/queue-settings/demo', { slotCapacity: 1 }, any);
    await user('PUT', '/queues/demo/rules', { numbers: null });
    await user('DELETE', '/rules/numbers/us', undefined, any);

    const dry = await user('PUT', '/configuration?dryRun=true&replace=true', yesterday);
    const put = await user('PUT', '/configuration?replace=true', yesterday, { 'if-match': textAt(dry.body, 'etag'), 'x-reason': 'back' });
    expect(put.status).toBe(200);
    expect(at(put.body, 'changes')).toEqual(at(dry.body, 'changes'));
    expect(at(put.body, 'changes')).toEqual([
      { part: 'numbers', name: 'us', change: 'created' },
      { part: 'queues', name: 'demo', change: 'changed', columns: { slotCapacity: { before: 1, after: null } } },
      { part: 'numbers', name: 'demo', change: 'assigned', rule: 'us' },
      { part: 'queues', name: 'today', change: 'deleted' },
    ]);
    expect((await user('GET', '/configuration')).body).toEqual(yesterday);
  });

  it('is refused as a whole, with the place of every problem', async () => {
    const refused = await user(
      'PUT',
      '/configuration',
      { queues: [{ queue: 'x', settings: { businessHours: 'nights' } }], assignments: [{ queue: 'demo', regions: 'none' }], colour: 1 },
      any,
    );
    expect(failureOf(refused)).toMatchObject({ status: 400, code: 1014, errors: [{ path: 'colour' }] });
    const unknown = await user(
      'PUT',
      '/configuration',
      { queues: [{ queue: 'x', settings: { businessHours: 'nights' } }], assignments: [{ queue: 'demo', regions: 'none' }] },
      any,
    );
    expect(failureOf(unknown)).toMatchObject({
      errors: [
        { path: 'queues[0].settings.businessHours', line: 1 },
        { path: 'assignments[0].regions', line: 1 },
      ],
    });
    expect(await namesOf()).not.toContain('x');
  });
});

describe('a retired queue', () => {
  it('takes no bookings, is shown as retired, and is taken back by a put', async () => {
    await user('PUT', '/queue-settings/old', { slotCapacity: 3 });
    expect((await book('old')).status).toBe(200);
    expect(failureOf(await user('DELETE', '/queue-settings/old', undefined, any))).toMatchObject({ status: 409, code: 4013 });
    const retired = await user('DELETE', '/queue-settings/old?retire=true', undefined, any);
    expect([retired.status, at(retired.body, 'retired', 'by'), at(retired.body, 'inherited')]).toEqual([200, 'administrator', []]);
    expect(failureOf(await book('old'))).toMatchObject({ code: 7040 });
    expect(at((await user('GET', '/queue-settings/old')).body, 'settings', 'slotCapacity')).toBe(3);
    const back = await user('PUT', '/queue-settings/old', { slotCapacity: 4 }, { 'if-match': textAt(retired.body, 'etag') });
    expect([back.status, at(back.body, 'retired')]).toEqual([200, null]);
    expect((await book('old')).status).toBe(200);
  });
  it('without open callbacks is deleted at once', async () => {
    await user('PUT', '/queue-settings/unused', {});
    expect((await user('DELETE', '/queue-settings/unused?retire=true', undefined, any)).status).toBe(204);
    expect(await namesOf()).not.toContain('unused');
  });
});

describe('an import larger than one append', () => {
  const queues = new Map(Array.from({ length: 1_500 }, (_, n) => [`large ${n}`, { pacing: 0.5 }]));
  const command = {
    ...{ wanted: { queues }, replace: false, reads: 'all' as const, openCallbacks: () => 0, precondition: null, etag: tableEtag },
    now: '2026-03-02T10:00:00.000Z',
  };
  const context = { ...{ commandId: 'c', correlationId: 'c', causationId: 'c' }, actor: { kind: 'user' as const, id: 'u', name: 'ann' } };
  const folded = async () => {
    let state = initialConfiguration;
    for await (const event of api.store.readStream(CONFIGURATION_STREAM)) {
      const fact = configurationFact(event);
      if (fact !== undefined) state = evolve(state, fact);
    }
    return state;
  };
  const ids = (prefix: string) => {
    let next = 0;
    return () => `${prefix}-${next++}`;
  };

  it('that is cut off in the middle has no effect, and is imported when it is tried again', async () => {
    let left = 2;
    const cut = {
      ...api.store,
      append: async (...args: Parameters<typeof api.store.append>) => {
        if (left-- === 0) throw new Error('killed');
        return api.store.append(...args);
      },
    };
    const before = await namesOf();
    await expect(importConfiguration(cut, command, { dryRun: false, newId: ids('cut') }, context)).rejects.toThrow('killed');
    expect((await folded()).queues.size).toBe(before.length);
    await user('PUT', '/queue-settings/between', {});
    const imported = await importConfiguration(api.store, command, { dryRun: false, newId: ids('again') }, { ...context, commandId: 'd' });
    expect(imported).toMatchObject({ ok: true, changed: true });
    expect((await folded()).queues.size).toBe(before.length + 1 + queues.size);
  });

  it('that another change comes in between of is decided anew', async () => {
    let isFirst = true;
    const raced = {
      ...api.store,
      append: async (...args: Parameters<typeof api.store.append>) => {
        const appended = await api.store.append(...args);
        if (isFirst) await user('PUT', '/queue-settings/raced', {});
        isFirst = false;
        return appended;
      },
    };
    const wanted = { queues: new Map([...queues.keys()].map((queue) => [queue, { pacing: 0.25 }])) };
    const imported = await importConfiguration(
      raced,
      { ...command, wanted },
      { dryRun: false, newId: ids('raced') },
      { ...context, commandId: 'e' },
    );
    expect(imported.ok && imported.configuration.queues.get('large 7')?.own).toEqual({ pacing: 0.25 });
    expect((await folded()).queues.has('raced')).toBe(true);
  });
});
