import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeAccess } from '../../src/commands/access.ts';
import type { AccessCommand, AskedRead } from '../../src/domain/access/commands.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

const queues = ['paris', 'lyon', 'rome', 'oslo', 'bonn'];
const now = new Date(NOW).toISOString();
const nameable = { queues: new Set(queues), reads: 'all' } as const;
const precondition = {} as const;

let api: TestApi;
/** Everything that was asked of a store, in order. */
const asked: string[] = [];
/** Ids of the callbacks of each queue. */
const booked = new Map<string, string[]>();
let positionThen = '';

beforeAll(async () => {
  api = await startApi((deps) => {
    const { store } = deps.commands;
    const readStream: EventStore['readStream'] = (streamId, options) => {
      asked.push(`read ${streamId.split('-')[0]} ${options?.personal === true ? 'opened' : 'closed'}`);
      return store.readStream(streamId, options);
    };
    const append: EventStore['append'] = (streamId, ...rest) => {
      asked.push(`append ${streamId.split('-')[0]}`);
      return store.append(streamId, ...rest);
    };
    const db = deps.readModels.db.withPlugin({
      transformQuery: ({ node }) => {
        asked.push('query');
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const estimatedWaitSeconds = (queue: string) => (queues.includes(queue) ? 30 : null);
    return {
      commands: { ...deps.commands, estimatedWaitSeconds, store: { ...store, readStream, append } },
      readModels: { ...deps.readModels, db },
    };
  });
  for (const queue of queues) {
    const put = await ask(api.url, 'PUT', `/api/queue-settings/${queue}`, admin(), {});
    expect(put.status).toBe(201);
    const ids: string[] = [];
    for (const phoneNumber of ['+12125550123', '+12125550124']) {
      const { body, headers } = await ask(api.url, 'POST', '/api/callbacks', admin(), { serviceName: queue, phoneNumber });
      ids.push(textAt(body, 'id'));
      positionThen = headers.get('x-position') ?? '';
    }
    booked.set(queue, ids);
  }
  await ask(api.url, 'GET', '/api/callbacks', { ...admin(), 'x-position': positionThen });
}, 60_000);
afterAll(() => api.close());

const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
const context = () =>
  ({ commandId: randomUUID(), correlationId: 'r', causationId: 'r', actor: { kind: 'user', id: 'a', name: 'a' } }) as const;
const change = async (command: AccessCommand): Promise<void> => {
  const changed = await changeAccess(api.store, command, context());
  if (!changed.ok) throw new Error(JSON.stringify(changed.refusal));
};
/** A supervisor in a group that reads this, and how he asks. */
const reader = async (...reads: AskedRead[]) => {
  const name = `reader ${randomUUID()}`;
  const secret = randomUUID();
  await change({ type: 'PutUser', user: name, passwordHash: null, groups: [], precondition, now });
  await change({ type: 'PutAccessGroup', group: name, roles: ['Administrator'], members: [name], reads, nameable, precondition, now });
  const hash = api.deps.commands.keys.hash('credential', secret);
  await change({ type: 'IssueUserToken', user: name, tokenId: randomUUID(), hash, expiresAt: null, now });
  await api.settle();
  return { authorization: `Bearer ${secret}` };
};
type Headers = Record<string, string>;
const items = (body: unknown): unknown[] => {
  const found = at(body, 'items');
  return Array.isArray(found) ? found : [];
};
const get = async (path: string, headers: Headers) => ask(api.url, 'GET', path, headers);
const statusOf = async (path: string, headers: Headers) => (await get(path, headers)).status;
const idsOf = (...of: readonly string[]) => of.flatMap((queue) => booked.get(queue) ?? []).sort();

/** What each read route shows to somebody of what there is. */
const seen = async (headers: Headers) => {
  const list = (await get('/api/callbacks?sort=id', headers)).body;
  const then = (await get(`/api/audit/as-of?position=${positionThen}&report=callbacks&sort=id`, headers)).body;
  const settings = items((await get('/api/queue-settings', headers)).body).map((row) => textAt(row, 'queue'));
  const audit = (await get('/api/audit?type=CallbackBooked', { ...headers, 'x-position': positionThen })).body;
  const audited = items(audit).map((row) => textAt(row, 'data', 'queue'));
  expect(at(audit, 'total')).toBe(audited.length);
  const whole = (await get(`/api/audit/as-of?position=${positionThen}&report=configuration`, headers)).body;
  const document = at(whole, 'configuration', 'queues');
  const found: string[] = [];
  for (const queue of queues) {
    const [id = ''] = booked.get(queue) ?? [];
    const statuses = await Promise.all(
      [
        `/api/queue-settings/${queue}`,
        `/api/callbacks/${id}`,
        `/api/callbacks/${id}/history`,
        `/api/audit/as-of?position=${positionThen}&callback=${id}`,
        `/api/audit/as-of?position=${positionThen}&queue=${queue}`,
      ].map((path) => statusOf(path, headers)),
    );
    expect(new Set(statuses).size, `${queue}: ${statuses}`).toBe(1);
    if (statuses[0] === 200) found.push(queue);
    const only = (await get(`/api/callbacks?queue=${queue}`, headers)).body;
    expect(at(only, 'total')).toBe(statuses[0] === 200 ? 2 : 0);
  }
  return {
    ...{ ids: items(list).map((row) => textAt(row, 'id')), total: at(list, 'total') },
    ...{ idsThen: items(then).map((row) => textAt(row, 'id')), totalThen: at(then, 'total') },
    settings: settings.filter((queue) => queues.includes(queue)).sort(),
    audited: [...new Set(audited)].sort(),
    document: (Array.isArray(document) ? document : []).map((row) => textAt(row, 'queue')).filter((queue) => queues.includes(queue)),
    found: found.sort(),
  };
};

describe('what somebody sees', () => {
  it('is, at every route that reads, what the folders and groups of the moment give: no more, no less', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ parent: fc.nat({ max: 4 }), queues: fc.subarray(queues, { maxLength: 2 }) }), { maxLength: 4 }),
        fc.array(
          fc.array(fc.oneof(fc.constantFrom(...queues), fc.record({ folder: fc.nat({ max: 3 }), propagate: fc.boolean() })), {
            maxLength: 2,
          }),
          {
            minLength: 1,
            maxLength: 2,
          },
        ),
        fc.subarray(queues, { maxLength: 2 }),
        async (folders, groups, added) => {
          const prefix = `run ${run++}`;
          const nameOf = (index: number) => `${prefix} folder ${index}`;
          for (const [index, { parent, queues: held }] of folders.entries())
            await change({
              ...{
                type: 'PutFolder',
                folder: nameOf(index),
                parent: parent < index ? nameOf(parent) : null,
                queues: held,
                nameable,
                precondition,
                now,
              },
            });
          const user = `${prefix} user`;
          const secret = randomUUID();
          await change({ type: 'PutUser', user, passwordHash: null, groups: [], precondition, now });
          const issued = { tokenId: randomUUID(), hash: api.deps.commands.keys.hash('credential', secret), expiresAt: null, now };
          await change({ type: 'IssueUserToken', user, ...issued });
          const grants = groups.map((reads) => reads.filter((read) => typeof read === 'string' || read.folder < folders.length));
          for (const [index, reads] of grants.entries()) {
            const named = reads.map((read) => (typeof read === 'string' ? { queue: read } : { ...read, folder: nameOf(read.folder) }));
            const group = `${prefix} group ${index}`;
            await change({
              type: 'PutAccessGroup',
              group,
              roles: ['Supervisor'],
              members: [user],
              reads: named,
              nameable,
              precondition,
              now,
            });
          }
          // what comes to the first folder later
          const [first] = folders;
          const later = first && [...first.queues, ...added];
          if (first && later) {
            const queuesNow = { parent: null, queues: later, nameable, precondition: { ifMatch: '*' } } as const;
            await change({ type: 'PutFolder', folder: nameOf(0), ...queuesNow, now });
          }
          await api.settle();

          const isBelow = (index: number, ancestor: number): boolean => {
            if (index === ancestor) return true;
            const parent = folders[index]?.parent ?? index;
            return parent < index && isBelow(parent, ancestor);
          };
          const heldNow = (index: number) => (index === 0 ? later : folders[index]?.queues) ?? [];
          const expected = queues.filter((queue) =>
            grants.flat().some((read) => {
              if (typeof read === 'string') return read === queue;
              if (!read.propagate) return folders[read.folder]?.queues.includes(queue);
              return folders.some((_, index) => heldNow(index).includes(queue) && isBelow(index, read.folder));
            }),
          );
          expected.sort();
          const ids = idsOf(...expected);
          expect(await seen({ authorization: `Bearer ${secret}` })).toEqual({
            ...{ ids, total: ids.length, idsThen: ids, totalThen: ids.length, settings: expected, found: expected },
            ...{ audited: expected, document: expected },
          });
        },
      ),
      { numRuns: 12 },
    );
  }, 60_000);

  it('is everything for a group that isn’t limited, and nothing for one that reads nothing', async () => {
    expect((await seen(admin())).found).toEqual([...queues].sort());
    const nothing = await seen(await reader());
    expect(nothing).toEqual({ ids: [], total: 0, idsThen: [], totalThen: 0, settings: [], found: [], audited: [], document: [] });
  });
});

describe('a callback of a hidden queue', () => {
  const unknown = randomUUID();
  /** What is answered and what is asked of the stores, for one id in the place of the other. */
  const tried = async (headers: Headers, method: string, path: string, id: string, body?: unknown) => {
    asked.length = 0;
    const answer = await ask(api.url, method, path.replace('ID', id), headers, body);
    const corrId = answer.headers.get('x-correlation-id') ?? 'none';
    return { status: answer.status, text: answer.text.replaceAll(corrId, ''), asked: [...asked] };
  };
  const soon = new Date(NOW + 3_600_000).toISOString();
  const ways: [method: string, path: string, body?: object][] = [
    ['GET', '/api/callbacks/ID'],
    ['GET', '/api/callbacks/ID/history'],
    ['POST', '/api/callbacks/ID/cancel', {}],
    ['POST', '/api/callbacks/ID/reschedule', { desiredTime: soon }],
    ['GET', '/api/audit/as-of?position=POSITION&callback=ID'],
  ];
  it.each(ways)('%s %s answers as if it didn’t exist, and does the same for it', async (method, path, body) => {
    const headers = await reader({ queue: 'paris' });
    const [hidden = ''] = booked.get('rome') ?? [];
    const where = path.replace('POSITION', positionThen);
    const first = await tried(headers, method, where, hidden, body);
    expect(first.status).toBe(404);
    expect(first).toEqual(await tried(headers, method, where, unknown, body));
    expect(first.asked.filter((one) => one.endsWith('opened') || one.startsWith('append'))).toEqual([]);
  });
  it('stays as it was', async () => {
    const [hidden = ''] = booked.get('rome') ?? [];
    expect(at((await get(`/api/callbacks/${hidden}`, admin())).body, 'callbackState')).toBe('QUEUED');
  });
});

describe('a hidden queue', () => {
  const tried = async (method: string, queue: string, headers: Headers, body?: unknown) => {
    asked.length = 0;
    const { status, code } = failureOf(await ask(api.url, method, `/api/queue-settings/${queue}`, headers, body));
    return { status, code, asked: [...asked] };
  };
  it('can’t be read, edited, deleted or booked, as if it didn’t exist', async () => {
    const headers = await reader({ queue: 'paris' });
    const any = { ...headers, 'if-match': '*' };
    expect(await tried('GET', 'rome', headers)).toEqual(await tried('GET', 'nowhere', headers));
    expect(await tried('PUT', 'rome', any, {})).toEqual(await tried('PUT', 'nowhere', any, {}));
    expect(await tried('DELETE', 'rome', any)).toEqual(await tried('DELETE', 'nowhere', any));
    const book = async (serviceName: string) =>
      failureOf(await ask(api.url, 'POST', '/api/callbacks', headers, { serviceName, phoneNumber: '+12125550125' }));
    expect(await book('rome')).toEqual(await book('nowhere'));
    expect((await book('rome')).code).toBe(7040);
    expect(await statusOf('/api/queue-settings/rome', admin())).toBe(200);
  });
  it('can’t be made anew over what is there', async () => {
    const headers = await reader({ queue: 'paris' });
    const before = (await get('/api/queue-settings/rome', admin())).text;
    expect(await tried('PUT', 'rome', headers, { pacing: 0.5 })).toMatchObject({ status: 412, code: 4010 });
    expect(await tried('PUT', 'rome', { ...headers, 'if-none-match': '*' }, {})).toMatchObject({ status: 412, code: 4010 });
    expect((await get('/api/queue-settings/rome', admin())).text).toBe(before);
  });
  it('is neither exported, nor changed or deleted by an import', async () => {
    const headers = await reader({ queue: 'paris' });
    const before = (await get('/api/queue-settings/rome', admin())).text;
    const csv = await get('/api/queue-settings', { ...headers, accept: 'text/csv' });
    const document = await get('/api/configuration', headers);
    expect([csv.text, document.text].map((text) => [text.includes('paris'), text.includes('rome')])).toEqual([
      [true, false],
      [true, false],
    ]);
    const imported = (items: object[]) =>
      ask(api.url, 'PUT', '/api/queue-settings?replace=true', { ...headers, 'if-match': '*' }, { items });
    expect(
      failureOf(
        await imported([
          { queue: 'paris', settings: {} },
          { queue: 'rome', settings: { pacing: 0.5 } },
        ]),
      ),
    ).toMatchObject({
      ...{ status: 400, code: 1014, errors: [{ path: 'items[1].queue' }] },
    });
    expect((await imported([{ queue: 'paris', settings: {} }])).status).toBe(200);
    expect((await get('/api/queue-settings/rome', admin())).text).toBe(before);
  });
  it('leaves the default row and what somebody reads alone', async () => {
    const headers = await reader({ queue: 'paris' });
    expect(await statusOf('/api/queue-settings/default', headers)).toBe(200);
    const booking = { serviceName: 'paris', phoneNumber: '+12125550126' };
    const made = await ask(api.url, 'POST', '/api/callbacks', headers, booking);
    expect(made.status).toBe(201);
    const path = `/api/callbacks/${textAt(made.body, 'id')}/cancel`;
    expect((await ask(api.url, 'POST', path, headers, {})).status).toBe(200);
  });
});

describe('what somebody limited makes', () => {
  it('doesn’t tell the wait of a hidden queue, which a booking can name as the one that the call came from', async () => {
    const headers = await reader({ queue: 'rome' });
    const waitFrom = async (inboundVQ: string, who: Headers) => {
      const { body } = await ask(api.url, 'POST', '/api/callbacks', who, { serviceName: 'rome', phoneNumber: '+12125550125', inboundVQ });
      const id = textAt(body, 'id');
      return at((await get(`/api/callbacks/${id}/history`, who)).body, 'items', 0, 'data', 'offer', 'estimatedWaitSeconds');
    };
    expect(await waitFrom('rome', headers)).toBe(30);
    expect([await waitFrom('oslo', headers), await waitFrom('nowhere', headers)]).toEqual([null, null]);
    expect(await waitFrom('oslo', admin())).toBe(30);
  });

  it('is no wider group, user or token, for whoever is limited', async () => {
    const limited = await reader({ queue: 'rome' });
    const token = await ask(api.url, 'POST', '/api/users/administrator/tokens', limited, {});
    expect(failureOf(token)).toEqual({ status: 403, code: 2020, errors: undefined });
    const put = (path: string, body: object, headers = limited) =>
      ask(api.url, 'PUT', `/api${path}`, { ...headers, 'if-none-match': '*' }, body);
    expect((await put('/access-groups/wide', { roles: [], members: [] })).status).toBe(403);
    expect((await put('/users/wide', { groups: ['Agents'] })).status).toBe(403);
    expect((await put('/access-groups/narrow', { roles: [], members: [], reads: [{ queue: 'rome' }] })).status).toBe(201);
    expect((await put('/users/narrow', { groups: ['narrow'] })).status).toBe(201);
    expect((await put('/users/wide', { groups: ['Agents'] }, admin())).status).toBe(201);
  });

  it('doesn’t tell which callback of a hidden queue was taken over under a reference', async () => {
    const limited = await reader({ queue: 'rome' });
    const takeOver = async (serviceName: string, headers: Headers) => {
      const callbacks = [{ reference: 'there-1', serviceName, phoneNumber: '+12125550125' }];
      return ask(api.url, 'POST', '/api/callbacks/import', headers, { callbacks });
    };
    const id = textAt((await takeOver('oslo', admin())).body, 'rows', 0, 'id');
    expect(at((await takeOver('rome', admin())).body, 'rows', 0)).toMatchObject({ outcome: 'DIFFERS', id });
    expect(at((await takeOver('rome', limited)).body, 'rows', 0)).toMatchObject({ outcome: 'DIFFERS', id: null });
    expect(failureOf(await takeOver('oslo', limited))).toEqual(failureOf(await takeOver('nowhere', limited)));
  });

  it('is no API key, which reads every queue', async () => {
    const wish = { name: 'mine', rights: ['callbacks'] };
    const limited = await ask(api.url, 'POST', '/api/api-keys', await reader({ queue: 'rome' }), wish);
    expect(failureOf(limited)).toEqual({ status: 403, code: 2003, errors: undefined });
    expect((await ask(api.url, 'POST', '/api/api-keys', admin(), wish)).status).toBe(201);
  });
});
