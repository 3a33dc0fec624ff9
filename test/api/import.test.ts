import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCallbackStream } from '../../src/domain/callback/events.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { all } from '../eventstore/door.ts';
import { ask, at, failureOf, textAt } from './support/ask.ts';
import { NOW, startApi, type TestApi } from './support/service.ts';

let api: TestApi;
/** Appends of bookings that are let through before the store is gone. */
let left = Number.POSITIVE_INFINITY;
/** Bookings that were recorded. */
let made = 0;
const gone = Object.assign(new Error('the event store is gone'), { type: 'unavailable' });
beforeAll(async () => {
  api = await startApi(({ commands }) => {
    const append: EventStore['append'] = async (streamId, events, ...rest) => {
      if (isCallbackStream(streamId) && --left < 0) throw gone;
      const appended = await commands.store.append(streamId, events, ...rest);
      if (appended.ok) made += events.filter(({ type }) => type === 'CallbackBooked').length;
      return appended;
    };
    return { commands: { ...commands, store: { ...commands.store, append } } };
  });
});
afterAll(() => api.close());

const admin = () => ({ authorization: `Bearer ${api.adminToken}` });
const csv = (text: string | Buffer, query = '') =>
  fetch(new URL(`/api/callbacks/import${query}`, api.url), {
    method: 'POST',
    headers: { ...admin(), 'content-type': 'text/csv' },
    body: text,
  }).then(async (answer) => {
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) };
  });
const json = (callbacks: unknown, query = '') => ask(api.url, 'POST', `/api/callbacks/import${query}`, admin(), { callbacks });
const rowsOf = (answer: { body: unknown }) =>
  at(answer.body, 'rows') as { outcome: string; id: string | null; reference: string; line: number }[];
const outcomes = (answer: { body: unknown }) => rowsOf(answer).map(({ outcome }) => outcome);
const errorsOf = (answer: { body: unknown }) => at(answer.body, 'status', 'errors');
const bookings = () => made;
const later = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

const HEADER = 'reference,serviceName,phoneNumber,desiredTime,priority,userData';
const file = (...rows: string[]) => [HEADER, ...rows].join('\n');

describe('taking over callbacks', () => {
  it('books each row, under an id of its own that the reference leads to', async () => {
    const answer = await csv(file('a-1,demo,+12125550101,,,', `a-2,demo,12125550102,${later(60)},7,"{""colour"": ""green""}"`));
    expect(answer.status).toBe(200);
    expect(at(answer.body, 'counts')).toMatchObject({ BOOKED: 2, ALREADY: 0, FAILED: 0 });
    expect(rowsOf(answer).map(({ line, reference }) => [line, reference])).toEqual([
      [2, 'a-1'],
      [3, 'a-2'],
    ]);
    const [first, second] = await Promise.all(rowsOf(answer).map(({ id }) => ask(api.url, 'GET', `/api/callbacks/${id}`, admin())));
    expect(first?.body).toMatchObject({ reference: 'a-1', kind: 'IMMEDIATE', callbackState: 'QUEUED', phoneNumber: '+12125550101' });
    expect(second?.body).toMatchObject({ reference: 'a-2', kind: 'SCHEDULED', callbackState: 'SCHEDULED', desiredTime: later(60) });
  });

  it('says where the last of the bookings lies, as every write does, and nothing of the kind where none is made', async () => {
    const rows = file('p-1,demo,+12125550195,,,', `p-2,demo,+12125550196,${later(60)},,`);
    expect((await csv(rows, '?dryRun=true')).headers.get('x-position')).toBeNull();
    const { headers, body } = await csv(rows);
    const positions = await Promise.all(
      rowsOf({ body }).map(async ({ id }) => {
        const booked = await all(api.store.readStream(`callback-${id}`));
        return booked[0]?.position;
      }),
    );
    expect(positions).not.toContain(undefined);
    expect(positions.every((one) => one !== undefined && one <= BigInt(headers.get('x-position') ?? '-1'))).toBe(true);
    expect((await csv(rows)).headers.get('x-position')).toBeNull();
  });

  it('changes nothing when the same file comes again, in whatever form, and says so of each row', async () => {
    const rows = file('b-1,demo,+12125550111,,,', `b-2,demo,+12125550112,${later(60)},3,`);
    const first = await csv(rows);
    const before = bookings();
    const again = await csv(rows.replaceAll('\n', '\r\n'));
    expect(outcomes(again)).toEqual(['ALREADY', 'ALREADY']);
    expect(rowsOf(again).map(({ id }) => id)).toEqual(rowsOf(first).map(({ id }) => id));
    const asJson = await json([
      { phoneNumber: '+12125550111', serviceName: 'demo', reference: 'b-1' },
      { reference: 'b-2', serviceName: 'demo', phoneNumber: '+12125550112', desiredTime: later(60), priority: 3 },
    ]);
    expect(outcomes(asJson)).toEqual(['ALREADY', 'ALREADY']);
    expect(bookings()).toBe(before);
  });

  it('leaves a reference alone that was taken over with other content', async () => {
    await csv(file('c-1,demo,+12125550121,,,'));
    expect(outcomes(await csv(file('c-1,demo,+12125550122,,,')))).toEqual(['DIFFERS']);
  });

  it('says in a dry run what it would do, and does nothing', async () => {
    await csv(file('d-1,demo,+12125550131,,,'));
    const before = bookings();
    const answer = await csv(file('d-1,demo,+12125550131,,,', 'd-2,demo,+12125550132,,,'), '?dryRun=true');
    expect(outcomes(answer)).toEqual(['ALREADY', 'NEW']);
    expect(bookings()).toBe(before);
  });

  it('that breaks off in the middle says which rows are booked, and is finished by a repeat', async () => {
    const rows = file(...Array.from({ length: 40 }, (_, n) => `e-${n},demo,+121255502${String(n).padStart(2, '0')},,,`));
    left = 20;
    const broken = await csv(rows);
    left = Number.POSITIVE_INFINITY;
    expect(broken.status).toBe(200);
    expect(at(broken.body, 'counts', 'BOOKED')).toBe(20);
    expect(Number(at(broken.body, 'counts', 'FAILED')) + Number(at(broken.body, 'counts', 'NOT_TRIED'))).toBe(20);
    expect(at(broken.body, 'counts', 'NOT_TRIED')).toBeGreaterThan(0);
    const before = bookings();
    const finished = await csv(rows);
    expect(at(finished.body, 'counts')).toMatchObject({ ALREADY: 20, BOOKED: 20 });
    expect(bookings()).toBe(before + 20);
  });

  it('finishes a file whose earlier rows have had their time since', async () => {
    const rows = file(`f-1,demo,+12125550141,${later(5)},,`);
    expect(outcomes(await csv(rows))).toEqual(['BOOKED']);
    await api.clock.advanceBy(10 * 60_000);
    expect(outcomes(await csv(rows))).toEqual(['ALREADY']);
    expect((await csv(rows.replace('f-1', 'f-2'))).status).toBe(400);
  });

  it('puts an immediate one in line now, whenever it was wanted there', async () => {
    const [row] = rowsOf(
      await json([{ reference: 'g-1', serviceName: 'demo', phoneNumber: '+12125550151', kind: 'IMMEDIATE', desiredTime: later(-600) }]),
    );
    const { body } = await ask(api.url, 'GET', `/api/callbacks/${row?.id}`, admin());
    expect(body).toMatchObject({ kind: 'IMMEDIATE', callbackState: 'QUEUED', desiredTime: new Date(api.clock.now()).toISOString() });
  });

  it('checks slots only when asked', async () => {
    await ask(api.url, 'PUT', '/api/queue-settings/full', admin(), { slotCapacity: 0 });
    const row = (reference: string) => [{ reference, serviceName: 'full', phoneNumber: '+12125550161', desiredTime: later(300) }];
    const refused = await json(row('h-1'), '?checkCapacity=true');
    expect(rowsOf(refused)).toMatchObject([{ outcome: 'REFUSED', code: 4004, id: null }]);
    expect(outcomes(await json(row('h-1')))).toEqual(['BOOKED']);
  });

  it('keeps the reference sealed, and out of the log', async () => {
    const [row] = rowsOf(await csv(file('secret reference 77,demo,+12125550171,,,')));
    const events = await all(api.store.readStream(`callback-${row?.id}`));
    expect(JSON.stringify(events.map(({ data }) => data))).not.toContain('secret reference');
    expect(row?.id).not.toContain('secret');
    expect(api.lines.join('\n')).not.toContain('secret reference');
  });
});

describe('a file with anything wrong', () => {
  const refused = async (answer: ReturnType<typeof csv>, ...errors: object[]) => {
    const before = bookings();
    const { status, body } = await answer;
    expect({ status, code: at(body, 'status', 'code') }).toEqual({ status: 400, code: 1001 });
    expect(errorsOf({ body })).toMatchObject(errors);
    expect(bookings()).toBe(before);
  };
  const good = 'x-1,demo,+12125550181,,,';

  it('is refused whole, with each error’s line and column', () =>
    refused(
      csv(
        file(good, 'x-2,demo,nonsense,,,', 'x-3,nowhere,+12125550182,,,', 'x-4,demo,+12125550183,soon,high,', 'x-1,demo,+12125550184,,,'),
      ),
      { path: 'phoneNumber', line: 3, column: 3 },
      { path: 'serviceName', line: 4, column: 2 },
      { path: 'desiredTime', line: 5, column: 4 },
      { path: 'priority', line: 5, column: 5 },
      { path: 'reference', line: 6, column: 1, message: 'is that of line 2, too' },
    ));
  it('names lines after cells that run over several', () =>
    refused(csv(file('x-1,demo,+12125550181,,,"{\n""a"":\n1}"', 'x-2,demo,nonsense,,,')), { line: 5, column: 3 }));
  it.each([
    ['a quote that isn’t closed', file(good, '"x-2,demo,+12125550182,,,'), { message: 'a quote opens here or after, and isn’t closed' }],
    ['a row of another length', file(good, 'x-2,demo'), { line: 3, column: 3, message: 'the row has 2 cells instead of 6' }],
    ['a column that nobody knows', `reference,serviceName,phoneNumber,+12125550199\n${good}`, { line: 1, column: 4 }],
    ['a column that is missing', 'reference,serviceName\nx,demo', { path: 'phoneNumber', line: 1, message: 'is a column that is missing' }],
    ['nothing in it', '', { path: 'reference', line: 1, message: 'is a column that is missing' }],
    ['bytes that aren’t UTF-8', Buffer.from(`${HEADER}\nx-1,d\xe9mo,1,,,`, 'latin1'), { line: 2, message: 'the file must be UTF-8' }],
    ['too many rows', file(...Array.from({ length: 10_001 }, (_, n) => `x-${n},demo`)), {}],
  ])('is refused for %s', async (_, text, error) => {
    const { status, body, text: said } = await csv(text);
    expect(status).toBe(400);
    expect(errorsOf({ body })).toEqual(expect.arrayContaining([expect.objectContaining(error)]));
    expect(said).not.toContain('12125550199');
  });
  it('of another type is refused, naming those that are taken', async () => {
    const url = new URL('/api/callbacks/import', api.url);
    const answer = await fetch(url, { method: 'POST', headers: { ...admin(), 'content-type': 'text/xml' }, body: '<callbacks/>' });
    const body: unknown = await answer.json();
    expect([answer.status, at(body, 'status', 'code')]).toEqual([415, 1013]);
    expect(textAt(body, 'status', 'message')).toContain('text/csv or application/json');
  });
  it('in JSON is refused with the path of each field', async () => {
    const { body } = await json([{ reference: 'x', serviceName: 'demo', phoneNumber: '1', unknown: 1 }, { kind: 'SCHEDULED' }]);
    expect(failureOf({ status: 400, body } as never).code).toBe(1001);
    const paths = (errorsOf({ body }) as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['callbacks[0].unknown', 'callbacks[1].reference', 'callbacks[1].phoneNumber']));
  });
  it('in JSON is refused row by row, in their order', async () => {
    const one = { reference: 'x', serviceName: 'demo', phoneNumber: '+12125550181' };
    const { body } = await json([one, { ...one, reference: 'y', phoneNumber: 'nonsense' }, { ...one, priority: -1 }, one]);
    const paths = (errorsOf({ body }) as { path: string }[]).map(({ path }) => path);
    expect(paths).toEqual(['callbacks[1].phoneNumber', 'callbacks[2].priority', 'callbacks[3].reference']);
    expect(at(errorsOf({ body }), 0, 'row')).toBeUndefined();
  });
  it('that begins with a byte-order mark is read all the same', async () => {
    expect(outcomes(await csv(`\u{feff}${file('m-1,demo,+12125550191,,,')}`))).toEqual(['BOOKED']);
  });
  it('of a hidden queue is as of one that isn’t there', async () => {
    expect(
      textAt((await json([{ reference: 'q', serviceName: 'default', phoneNumber: '+12125550192' }])).body, 'status', 'errors', 0, 'path'),
    ).toBe('callbacks[0].serviceName');
  });
});
