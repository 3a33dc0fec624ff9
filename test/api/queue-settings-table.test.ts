import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cellOfText, textOfCell } from '../../src/api/configuration-files/cells.ts';
import { readTableCsv } from '../../src/api/configuration-files/read-table-csv.ts';
import { tableAsCsv } from '../../src/api/configuration-files/write-table.ts';
import { columnDefaults, type OwnSettings } from '../../src/domain/configuration/columns.ts';
import { initialConfiguration } from '../../src/domain/configuration/state.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const MIB = 1024 * 1024;
const answer = z.looseObject({
  status: z
    .object({
      code: z.number(),
      message: z.string(),
      errors: z
        .array(z.object({ path: z.string(), message: z.string(), line: z.number().optional(), column: z.number().optional() }))
        .default([]),
    })
    .optional(),
  changes: z.array(z.looseObject({ part: z.string(), name: z.string(), change: z.string() })).optional(),
  items: z.array(z.looseObject({ queue: z.string() })).optional(),
});
const call = async (method: string, path: string, headers: Record<string, string>, body?: string | Uint8Array, token = api.adminToken) => {
  const response = await fetch(`${api.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? answer.parse(JSON.parse(text)) : ({} as z.output<typeof answer>),
  };
};
const exported = async (token?: string) => (await call('GET', '/queue-settings', { accept: 'text/csv' }, undefined, token)).text;
const put = (
  file: string | Uint8Array,
  { query = '', headers = {}, type = 'text/csv' }: { query?: string; headers?: Record<string, string>; type?: string } = {},
) => call('PUT', `/queue-settings${query}`, { 'content-type': type, 'if-match': '*', ...headers }, file);
const placesOf = ({ body }: Awaited<ReturnType<typeof put>>) =>
  (body.status?.errors ?? []).map(({ path, line, column }) => [path, line, column]);
const changesOf = ({ body }: Awaited<ReturnType<typeof put>>) => (body.changes ?? []).map(({ name, change }) => [name, change]);
const ownOf = async (queue: string) => {
  const file = await readTableCsv(new TextEncoder().encode(await exported()));
  return file.ok ? file.wanted.queues?.get(queue) : undefined;
};

describe('the table as CSV', () => {
  it('is exported with the rows’ own values, and taken back without a change', async () => {
    const csv = await call('GET', '/queue-settings', { accept: 'text/csv' });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(
      csv.text
        .split('\r\n')
        .map((line) => line.split(',')[0])
        .slice(1, 3),
    ).toEqual(['default', 'demo']);
    const before = await api.store.lastPosition();
    const etag = csv.headers.get('etag') ?? '';
    const again = await put(csv.text, { headers: { 'if-match': etag } });
    expect([again.status, again.body.changes, again.headers.get('etag')]).toEqual([200, [], etag]);
    expect(await api.store.lastPosition()).toBe(before);
  });

  it('makes and changes rows, leaves those that it doesn’t name, and columns that it doesn’t have', async () => {
    const made = await put(
      'queue,slotCapacity,priority.initial,priority.increment,priority.everySeconds,priority.limit\na,3,5,1,60,100\n"b ""x""",,,,,\n',
    );
    expect([made.status, changesOf(made)]).toEqual([
      200,
      [
        ['a', 'created'],
        ['b "x"', 'created'],
      ],
    ]);
    expect(made.headers.get('x-position')).toMatch(/^\d+$/);
    const changed = await put('slotCapacity,queue\r\n,a\r\n7,"b ""x"""\r\n');
    expect(changed.body.changes).toEqual([
      { part: 'queues', name: 'a', change: 'changed', columns: { slotCapacity: { before: 3, after: null } } },
      { part: 'queues', name: 'b "x"', change: 'changed', columns: { slotCapacity: { before: null, after: 7 } } },
    ]);
    expect(await ownOf('a')).toEqual({ priority: { initial: 5, increment: 1, everySeconds: 60, limit: 100 } });
    expect((await call('GET', '/queue-settings/demo', {})).status).toBe(200);
  });

  it('takes UTF-8 with a mark, old line ends, quotes over lines, and any case of true', async () => {
    const text = '\uFEFFqueue,immediateEnabled,skillExpression\rmac,TRUE,"two &\rlines"\r';
    expect(changesOf(await put(text))).toEqual([['mac', 'created']]);
    expect(await ownOf('mac')).toEqual({ immediateEnabled: true, skillExpression: 'two &\rlines' });
  });

  it.each(['', '""', `'""`, '=', `'=`, `''=1`, `'`, '"'])('keeps the text %j apart from the others', (text) => {
    expect(textOfCell(cellOfText(text))).toBe(text);
    expect(cellOfText(text)).not.toMatch(/^[=+@\t\r-]/);
  });

  it('writes any row so that it reads back as it was, and nothing in it as a formula', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'=+-@\'",; ab€'), maxLength: 6 });
    const name = text.filter((value) => value !== '');
    const row = fc.record(
      {
        callDisplayName: text,
        routePoint: text,
        businessHours: name,
        skillExpression: fc.constantFrom('', 'a > 1 & "b c"'),
        holdEnabled: fc.boolean(),
        pacing: fc.constantFrom(0.1, 0.25, 1),
        dialRetryMinutes: fc.constantFrom<NonNullable<OwnSettings['dialRetryMinutes']>>(
          0.5,
          { default: 1 },
          { default: 2, busy: 3, error: 0.01 },
        ),
        checks: fc.constantFrom(columnDefaults.checks, { ...columnDefaults.checks, duplicates: 'strict' as const, horizonDays: 9 }),
        localHours: fc.constant({ from: '08:00', to: '21:00' }),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, row, { maxKeys: 4 }), async (rows) => {
        const queues = new Map(Object.entries(rows).map(([queue, own]) => [queue, { own, updatedAt: '', updatedBy: '', revision: 0n }]));
        const csv = [...tableAsCsv({ ...initialConfiguration, queues })].join('');
        const raw: string[][] = parse(csv);
        expect(raw.flat().filter((cell) => /^[=+@\t\r-]/.test(cell))).toEqual([]);
        const read = await readTableCsv(new TextEncoder().encode(csv));
        expect(read.ok && new Map(read.wanted.queues)).toEqual(new Map(Object.entries(rows)));
      }),
      { numRuns: 40 },
    );
  });
});

describe('every error of a file is told with its line and column, and nothing of it is imported', () => {
  it.each<[string, string | Uint8Array, (string | number)[][]]>([
    ['nothing', '', [['', 1, 1]]],
    ['no column of queues', 'slotCapacity\n1\n', [['queue', 1, 1]]],
    [
      'columns that there aren’t, or twice',
      'queue,colour,pacing,pacing\nx,1,1,1\n',
      [
        ['colour', 1, 2],
        ['pacing', 1, 4],
      ],
    ],
    [
      'semicolons',
      'queue;pacing\nx;1\n',
      [
        ['queue;pacing', 1, 1],
        ['queue', 1, 1],
      ],
    ],
    [
      'values out of bounds, in several rows',
      'queue,pacing,slotCapacity\nx,7,-1\n\ny,0.5,1.5\n',
      [
        ['pacing', 2, 2],
        ['slotCapacity', 2, 3],
        ['slotCapacity', 4, 3],
      ],
    ],
    [
      'values of another kind',
      'queue,pacing,holdEnabled\nx,"0,5",yes\n',
      [
        ['pacing', 2, 2],
        ['holdEnabled', 2, 3],
      ],
    ],
    ['a skill expression', 'queue,skillExpression\nx,a >\n', [['skillExpression', 2, 2]]],
    [
      'an object that lacks a field',
      'queue,priority.initial\nx,5\n',
      [
        ['priority.increment', 2, 2],
        ['priority.everySeconds', 2, 2],
        ['priority.limit', 2, 2],
      ],
    ],
    ['a plain value beside an object', 'queue,dialRetryMinutes,dialRetryMinutes.busy\nx,5,6\n', [['dialRetryMinutes.busy', 2, 3]]],
    ['a queue twice, behind one over two lines', 'queue,skillExpression\n"x","a &\nb"\nx,\n', [['queue', 4, 1]]],
    ['a text of two lines', 'queue,callDisplayName\nx,"a\nb"\n', [['callDisplayName', 2, 2]]],
    ['a name that can’t be told from another', 'queue,pacing\ny,1\n"x ",1\n', [['queue', 3, 1]]],
    ['a queue without a name', 'queue,pacing\n,0.5\n', [['queue', 2, 1]]],
    [
      'too few and too many cells',
      'queue,pacing\nx\ny,1,2\n',
      [
        ['', 2, 2],
        ['', 3, 3],
      ],
    ],
    ['a quote that isn’t closed', 'queue,pacing\nok,1\n"x,1\n', [['', 3, 1]]],
    ['a quote inside a cell', 'queue,callDisplayName\nx,a"b\n', [['', 2, 1]]],
    ['business hours that nobody made', 'queue,pacing,businessHours\nok,1,\nx,,nights\n', [['businessHours', 3, 3]]],
    [
      'what a queue to call in needs',
      'queue,callDirection\nx,USERORIGINATED\n',
      [
        ['pushedCallbackExpiryMinutes', 2, 1],
        ['pushThresholdMinutes', 2, 1],
      ],
    ],
    ['bytes that aren’t UTF-8', Uint8Array.from([...new TextEncoder().encode('queue\nok\n'), 0xe9, 0x0a]), [['', 3, 1]]],
  ])('%s', async (_, file, places) => {
    const before = await api.store.lastPosition();
    const refused = await put(file);
    expect([refused.status, refused.body.status?.code]).toEqual([400, 1014]);
    expect(placesOf(refused)).toEqual(places);
    expect(await api.store.lastPosition()).toBe(before);
  });

  it('a hundred errors at most, and how many more', async () => {
    const refused = await put(`queue,pacing\n${Array.from({ length: 500 }, (_, n) => `q${n},9`).join('\n')}\n`);
    expect(placesOf(refused)).toHaveLength(100);
  });

  it('ten thousand rows at most: a million lines are refused at the line', async () => {
    const refused = await put(`queue\n${Array.from({ length: 1_000_000 }, (_, n) => n).join('\n')}\n`);
    expect(placesOf(refused)).toEqual([['', 10_002, 1]]);
  });

  it('ten megabytes of one cell, and more bytes than are taken', async () => {
    expect(placesOf(await put(`queue\n"${'x'.repeat(10 * MIB)}`))).toEqual([['', 2, 1]]);
    const large = await put('x'.repeat(16 * MIB + 1));
    expect([large.status, large.body.status?.code]).toEqual([413, 1004]);
  });

  it('a file of another type, compressed, or without a type', async () => {
    const codeOf = async (headers: Record<string, string>, type?: string) => {
      const { status, body } = await put(new TextEncoder().encode('queue\nx\n'), { headers, ...(type !== undefined && { type }) });
      return [status, body.status?.code];
    };
    expect(await codeOf({}, 'application/vnd.ms-excel')).toEqual([415, 1013]);
    expect(await codeOf({ 'content-encoding': 'gzip' })).toEqual([415, 1012]);
    expect(await codeOf({}, '')).toEqual([415, 1003]);
  });
});

describe('the table as JSON', () => {
  const list = async () => {
    const { text, headers } = await call('GET', '/queue-settings', {});
    return { text, etag: headers.get('etag') ?? '' };
  };
  const putJson = (file: unknown, headers: Record<string, string> = {}, query = '') =>
    put(typeof file === 'string' ? file : JSON.stringify(file), { headers, query, type: 'application/json' });

  it('is taken back as the list answered it, and changes nothing', async () => {
    const { text, etag } = await list();
    const again = await putJson(text, { 'if-match': etag });
    expect([again.status, again.body.changes]).toEqual([200, []]);
  });

  it('sets what is given, and inherits what is null or left out', async () => {
    await putJson({ items: [{ queue: 'j', settings: { pacing: 0.5, slotCapacity: null } }] });
    expect(await ownOf('j')).toEqual({ pacing: 0.5 });
    await putJson({ items: [{ queue: 'j', settings: { slotCapacity: 2 } }] });
    expect(await ownOf('j')).toEqual({ slotCapacity: 2 });
  });

  it('is refused when a value is changed that stands under inherited', async () => {
    const refused = await putJson('{ "items": [\n { "queue": "j",\n   "inherited": ["pacing"],\n   "settings": { "pacing": 0.2 } } ] }');
    expect(placesOf(refused)).toEqual([['items[0].settings.pacing', 4, 28]]);
  });

  it.each([
    [
      '{ "items": [\n  { "queue": "x", "settings": { "pacing": 7 } },\n  { "queue": "y", "settings": {}, "colour": 1 } ] }',
      [
        ['items[0].settings.pacing', 2, 43],
        ['items[1].colour', 3, 45],
      ],
    ],
    ['{ "items": [\n  { "queue": "x", "settings": {} },\n  { "queue": "x", "settings": {} } ] }', [['items[1].queue', 3, 14]]],
    ['{ "items": [ { "queue": "x", "settings": { "businessHours": "nights" } } ] }', [['items[0].settings.businessHours', 1, 61]]],
    [
      '{ "items": [\n  { "queue": "x", "settings": { "pacing": 7 } },\n  { "queue": "x", "settings": {} },\n  5 ] }',
      [
        ['items[0].settings.pacing', 2, 43],
        ['items[1].queue', 3, 14],
        ['items[2]', 4, 3],
      ],
    ],
    ['{ "items": 5 }', [['items', 1, 12]]],
    ['[]', [['', 1, 1]]],
    ['', [['', 1, 1]]],
  ])('tells line and column of what is wrong: %s', async (file, places) => {
    const refused = await putJson(file);
    expect([refused.status, refused.body.status?.code]).toEqual([400, 1014]);
    expect(placesOf(refused)).toEqual(places);
  });

  it('that isn’t JSON is refused', async () => expect((await putJson('{ "items": [ }')).body.status?.code).toBe(1014));
});

describe('an import is guarded', () => {
  it('needs the etag of the table, which moves with every row', async () => {
    expect((await call('PUT', '/queue-settings', { 'content-type': 'text/csv' }, 'queue\nx\n')).status).toBe(428);
    const etag = (await call('GET', '/queue-settings', {})).headers.get('etag') ?? '';
    await call('PUT', '/queue-settings/moved', { 'content-type': 'application/json' }, '{}');
    expect((await put('queue\nx\n', { headers: { 'if-match': etag } })).status).toBe(412);
  });

  it('a dry run says what would change, and records nothing', async () => {
    const before = await api.store.lastPosition();
    const dry = await call(
      'PUT',
      '/queue-settings?dryRun=true&replace=true',
      { 'content-type': 'text/csv' },
      'queue,pacing\ndry,0.5\ndemo,\n',
    );
    expect(dry.body).toMatchObject({ dryRun: true });
    expect(changesOf(dry)).toEqual(
      expect.arrayContaining([
        ['dry', 'created'],
        ['moved', 'deleted'],
      ]),
    );
    expect(await api.store.lastPosition()).toBe(before);
    expect((await call('PUT', '/queue-settings?dryRun=true', { 'content-type': 'text/csv', 'if-match': '"0"' }, 'queue\n')).status).toBe(
      412,
    );
  });

  it('replaces the table when asked, but deletes no queue with open callbacks', async () => {
    const booking = JSON.stringify({ serviceName: 'moved', phoneNumber: '+15105550100' });
    const key = { 'x-api-key': api.apiKey, 'content-type': 'application/json' };
    await fetch(`${api.url}/engagement/v3/callbacks/create`, { method: 'POST', headers: key, body: booking });
    const refused = await put('queue\ndemo\n', { query: '?replace=true' });
    expect(placesOf(refused)).toEqual([['queues["moved"]', undefined, undefined]]);
    const replaced = await put('queue\ndemo\nmoved\n', { query: '?replace=true' });
    expect(replaced.status).toBe(200);
    expect((await call('GET', '/queue-settings', {})).body.items?.map(({ queue }) => queue)).toEqual(['default', 'demo', 'moved']);
  });
});

it('two thousand queues are imported, all at once, and exported again', async () => {
  const rows = Array.from({ length: 2_000 }, (_, n) => `"queue ${n}",${n},"Caller of ${n}","skill > ${n}"`);
  const made = await put(`queue,slotCapacity,callDisplayName,skillExpression\n${rows.join('\n')}\n`);
  expect([made.status, made.body.changes?.length]).toEqual([200, 2_000]);
  const { queue, settings, etag } = z
    .object({ queue: z.string(), settings: z.looseObject({}), etag: z.string() })
    .parse(JSON.parse((await call('GET', '/queue-settings/queue%201999', {})).text));
  expect([queue, settings.slotCapacity]).toEqual(['queue 1999', 1999]);
  expect((await call('PUT', '/queue-settings/queue%201999', { 'content-type': 'application/json', 'if-match': etag }, '{}')).status).toBe(
    200,
  );
  const csv = await exported();
  expect((await put(csv)).body.changes).toEqual([]);
});
