import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const CREATE = '/engagement/v3/callbacks/create';
const good = { serviceName: 'demo', phoneNumber: '+15105550100' };
const create = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(api.url, 'POST', CREATE, { 'x-api-key': api.apiKey, ...headers }, body);

/** What was refused left no event (10), and every answer can be asked about. */
const refused = async (asking: () => Promise<Answer>): Promise<Answer> => {
  const before = await api.store.lastPosition();
  const answer = await asking();
  expect(await api.store.lastPosition()).toBe(before);
  const corrId = textAt(answer.body, 'status', 'corrId');
  expect(corrId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(answer.headers.get('x-correlation-id')).toBe(corrId);
  expect(at(answer.body, 'status', 'message')).toMatch(/^[A-Z].+\.$/s);
  expect(at(answer.body, 'data')).toBeUndefined();
  return answer;
};
const pathsOf = (answer: Answer): unknown[] => {
  const errors = at(answer.body, 'status', 'errors');
  return Array.isArray(errors) ? errors.map((error) => at(error, 'path')) : [];
};

describe('a field of a booking', () => {
  const long = (length: number) => 'x'.repeat(length);
  const texts = (most: number): unknown[] => [1, true, null, [], {}, long(most + 1), 'a\u0000b', 'a\nb', '\ud800'];
  const cases: [field: string, wrong: unknown[]][] = [
    ['serviceName', texts(128)],
    ['phoneNumber', [15105550100, true, null, ['+15105550100'], {}, long(65)]],
    ['desiredTime', [1, null, '', 'soon', '2026-03-02', '2026-02-30T10:00:00Z', '2026-03-03T25:00:00Z', '2026-03-03T10:00:00', [], {}]],
    ['cbOfferType', ['', 'asap', 'NOW', 1, null, []]],
    ['language', ['', 'english', 'en_US', 'e', 'en-', 1, null, long(36)]],
    ['inboundVQ', texts(128)],
    ['offerThreshold', ['10', null, -1, 1e12, true, []]],
    ['channel', texts(128)],
    ['offerTiming', ['', 'on-hours', 'ALWAYS', 1, null]],
    ['cbOriginationIxnId', texts(256)],
    ['surveyRP', texts(256)],
    ['priority', ['5', null, -1, 1001, 1.5, true]],
    ['routePoint', texts(256)],
    ['userData', ['text', 1, null, [], true, { a: long(33_000) }]],
    ['captchaToken', [1, null, {}, long(20_000)]],
    ['pushTargets', ['token', null, {}, 1, Array.from({ length: 11 }, () => ({ channel: 'FCM', target: 't' }))]],
    ['pushChannel', ['APNS', 1, null, '']],
    ['pushTarget', [1, null, '', long(5_000)]],
    ['alwaysCheckCapacity', ['true', 1, null]],
  ];
  const each = cases.flatMap(([field, wrong]) => wrong.map((value) => [field, value] as const));

  it.each(each)('%s can’t be %j', async (field, value) => {
    const pushHalf = field === 'pushChannel' ? { pushTarget: 't' } : field === 'pushTarget' ? { pushChannel: 'FCM' } : {};
    const answer = await refused(() => create({ ...good, ...pushHalf, [field]: value }));
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1001 });
    expect(pathsOf(answer)).toEqual([field]);
  });

  it.each([['serviceName'], ['phoneNumber']])('%s can’t be missing', async (field) => {
    const answer = await refused(() => create({ ...good, [field]: undefined }));
    expect(failureOf(answer)).toEqual({ status: 400, code: 1001, errors: [{ path: field, message: 'is required' }] });
  });

  it('inside a list is named with its place', async () => {
    const pushTargets = [{ channel: 'FCM', target: 't' }, { channel: 'SMS', target: 't' }, { channel: 'FCM' }];
    expect(pathsOf(await refused(() => create({ ...good, pushTargets })))).toEqual(['pushTargets[1].channel', 'pushTargets[2].target']);
  });

  it('of the older push form needs its other half', async () => {
    expect(pathsOf(await refused(() => create({ ...good, pushTarget: 't' })))).toEqual(['pushChannel']);
    expect(pathsOf(await refused(() => create({ ...good, pushChannel: 'FCM' })))).toEqual(['pushTarget']);
  });

  it('is named beside every other that is wrong', async () => {
    expect(pathsOf(await refused(() => create({ priority: -1, language: 1 })))).toEqual([
      'serviceName',
      'phoneNumber',
      'language',
      'priority',
    ]);
  });
});

describe('a booking', () => {
  it.each([
    ['nonsense', 7030],
    ['', 7030],
    ['+', 7030],
    ['abc123', 7030],
    ['+1', 7036],
    ['+1510555', 7036],
    ['+15105550100123456', 7036],
    ['+19005550100', 7037],
  ])('of the number %j is refused with %d', async (phoneNumber, code) => {
    const answer = await refused(() => create({ ...good, phoneNumber }));
    expect(failureOf(answer)).toMatchObject({ status: 400, code });
    expect(pathsOf(answer)).toEqual(['phoneNumber']);
  });

  it.each([['unknown'], [''], ['default'], ['DEMO']])('of the service %j is refused with 7040', async (serviceName) => {
    const answer = await refused(() => create({ ...good, serviceName }));
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 7040 });
    expect(pathsOf(answer)).toEqual(['serviceName']);
  });

  it('further in the past than the window is refused; the window itself is now', async () => {
    const ago = (ms: number) => ({ ...good, desiredTime: new Date(api.clock.now() - ms).toISOString() });
    const answer = await refused(() => create(ago(120_001)));
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1008 });
    expect(pathsOf(answer)).toEqual(['desiredTime']);
    expect((await create(ago(120_000))).status).toBe(200);
  });

  it.each([[''], ['a b'], ['x'.repeat(256)], ['\u00e9']])('under the Idempotency-Key %j is refused', async (key) => {
    const answer = await refused(() => create(good, { 'idempotency-key': key }));
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1001 });
    expect(pathsOf(answer)).toEqual(['idempotency-key']);
  });

  it('with a reason that is too long is refused', async () => {
    expect(pathsOf(await refused(() => create(good, { 'x-reason': 'x'.repeat(201) })))).toEqual(['x-reason']);
  });
});

describe('a body', () => {
  const code = async (body: unknown, headers: Record<string, string> = {}) => {
    const { status, code: found } = failureOf(await refused(() => create(body, headers)));
    return [status, found];
  };

  it.each([['{'], ['{"serviceName":}'], ["{'a':1}"], ['{"a":1}}'], ['undefined'], ['\ufeff{}x'], ['NaN']])(
    'of malformed JSON %j is 1002',
    async (body) => expect(await code(body)).toEqual([400, 1002]),
  );

  it.each([
    ['[]', 'the body must be an object'],
    ['"text"', 'the body must be an object'],
    ['1', 'the body must be an object'],
    ['true', 'the body must be an object'],
    ['null', 'the body is required'],
    ['', 'the body is required'],
  ])('of JSON that is no object, %s, is 1001', async (body, message) =>
    expect(failureOf(await refused(() => create(body)))).toEqual({ status: 400, code: 1001, errors: [{ path: '', message }] }),
  );

  it.each([['text/plain'], ['application/xml'], ['application/x-www-form-urlencoded'], ['multipart/form-data; boundary=x'], ['nonsense']])(
    'of content type %s is 1003',
    async (type) => expect(await code(JSON.stringify(good), { 'content-type': type })).toEqual([400, 1003]),
  );

  it('that isn’t UTF-8 is 1002', async () => {
    const body = Buffer.concat([Buffer.from('{"serviceName":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const headers = { 'content-type': 'application/json', 'x-api-key': api.apiKey };
    const answer = await fetch(new URL(CREATE, api.url), { method: 'POST', headers, body });
    expect([answer.status, at(await answer.json(), 'status', 'code')]).toEqual([400, 1002]);
  });

  it('over the limit is 1004, and says the limit', async () => {
    const answer = await refused(() => create({ ...good, userData: { a: 'x'.repeat(300_000) } }));
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1004 });
    expect(textAt(answer.body, 'status', 'message')).toContain('262144 bytes');
    const ours = await refused(() =>
      ask(api.url, 'POST', '/api/callbacks', { authorization: `Bearer ${api.adminToken}` }, { a: 'x'.repeat(300_000) }),
    );
    expect(failureOf(ours)).toMatchObject({ status: 413, code: 1004 });
  });

  it('that reaches for a prototype is 1005, naming the key', async () => {
    const poison = await refused(() => create('{"serviceName":"demo","userData":{"__proto__":{"admin":true}}}'));
    expect(failureOf(poison)).toMatchObject({ status: 400, code: 1005 });
    expect(pathsOf(poison)).toEqual(['userData.__proto__']);
    expect(await code('{"a":{"constructor":{"prototype":{"x":1}}}}')).toEqual([400, 1005]);
    expect((await create({ ...good, userData: { constructor: 'a builder' } })).status).toBe(200);
  });

  it.each([['['], ['{"a":']])('nested deeply with %j is 1006', async (open) => {
    const close = open === '[' ? ']' : '}';
    expect(await code(`{"userData":${open.repeat(20_000)}1${close.repeat(20_000)}}`)).toEqual([400, 1006]);
  });
});

describe('an id', () => {
  it.each([['nope'], [''], ['../..'], ['a b'], ['$ce-callback'], ['x'.repeat(5_000)], ['\u0000'], ['é']])(
    'of no callback, %j, is 404 at the contract',
    async (id) => {
      for (const path of ['/engagement/v3/callbacks/retrieve', '/engagement/v3/callbacks/cancel']) {
        const answer = await refused(() => ask(api.url, 'POST', path, { 'x-api-key': api.apiKey }, { id }));
        expect(failureOf(answer)).toMatchObject({ status: 404, code: 3001 });
      }
    },
  );

  it.each([[1], [null], [true], [[]], [{}], [undefined]])('that is no text, %j, is 400', async (id) => {
    for (const path of ['/engagement/v3/callbacks/retrieve', '/engagement/v3/callbacks/cancel']) {
      const answer = await refused(() => ask(api.url, 'POST', path, { 'x-api-key': api.apiKey }, { id }));
      expect(failureOf(answer)).toMatchObject({ status: 400, code: 1001 });
      expect(pathsOf(answer)).toEqual(['id']);
    }
  });

  it.each([['nope'], ['a%20b'], ['%00'], ['x'.repeat(1_000)], ['..%2F..'], ['%E2%98%83']])(
    'of no callback, %s, is 404 in our own API',
    async (id) => {
      const token = { authorization: `Bearer ${api.adminToken}` };
      const later = { desiredTime: '2026-03-03T10:00:00Z' };
      const asked: [string, string, unknown?][] = [
        ['GET', ''],
        ['GET', '/history'],
        ['POST', '/cancel', {}],
        ['POST', '/reschedule', later],
      ];
      for (const [method, rest, body] of asked) {
        const answer = await refused(() => ask(api.url, method, `/api/callbacks/${id}${rest}`, token, body));
        expect(failureOf(answer)).toMatchObject({ status: 404, code: 3001 });
      }
    },
  );

  it.each([['nope'], ['nope.1'], ['nope.0'], ['.1'], ['nope.1.'], ['a%20b.1']])('of no attempt, %s, is 404', async (id) => {
    const key = { 'x-api-key': api.connectorKey };
    const asked: [string, unknown][] = [
      ['outcome', { outcome: 'BUSY' }],
      ['outcome', { outcome: 'ANSWERED' }],
      ['connected', { agentId: 'a' }],
      ['ended', { by: 'AGENT' }],
      ['withdrawn', {}],
    ];
    for (const [what, body] of asked) {
      const answer = await refused(() => ask(api.url, 'POST', `/contact-center/attempts/${id}/${what}`, key, body));
      expect(failureOf(answer)).toMatchObject({ status: 404, code: 3002 });
    }
  });
});

describe('our own API', () => {
  const token = () => ({ authorization: `Bearer ${api.adminToken}` });
  const paths = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await refused(() => ask(api.url, method, path, { ...token(), ...headers }, body));
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1001 });
    return pathsOf(answer);
  };

  it('refuses unknown fields, which the contract ignores', async () => {
    expect(await paths('POST', '/api/callbacks', { ...good, whatever: 1 })).toEqual(['whatever']);
    expect(await paths('POST', '/api/callbacks', { ...good, pushTargets: [{ channel: 'FCM', target: 't', x: 1 }] })).toEqual([
      'pushTargets[0].x',
    ]);
    expect((await create({ ...good, whatever: { deep: 1 }, pushTargets: [{ channel: 'FCM', target: 't', x: 1 }] })).status).toBe(200);
  });

  it('refuses unknown parameters everywhere', async () => {
    expect(await paths('GET', '/api/callbacks?page=2')).toEqual(['page']);
    expect(await paths('GET', '/api/queue-settings?x=1')).toEqual(['x']);
    expect(await paths('GET', '/api/callbacks/nope?x=1')).toEqual(['x']);
  });

  it.each([
    ['range=yesterday', 'range'],
    ['range=today&from=2026-03-02T00:00:00Z', 'range'],
    ['from=yesterday', 'from'],
    ['from=2026-02-30T00:00:00Z', 'from'],
    ['from=2026-03-02T00:00:00', 'from'],
    ['to=2026-03-02', 'to'],
    ['from=2026-03-02T00:00:00Z&to=2026-03-02T00:00:00Z', 'to'],
    ['timezone=Europe/Nowhere', 'timezone'],
    ['timezone=', 'timezone'],
    ['timezone=%2B02:00', 'timezone'],
    ['state=RINGING', 'state[0]'],
    ['state=QUEUED&state=', 'state[1]'],
    ['queue=', 'queue[0]'],
    ['column=userData&contains=x', 'column'],
    ['column=phoneNumber', 'contains'],
    ['contains=555', 'column'],
    ['column=id&contains=', 'contains'],
    ['column=id&contains=%00', 'contains'],
    ['sort=password', 'sort'],
    ['sort=--desiredTime', 'sort'],
    ['sort=desiredTime;drop', 'sort'],
    ['limit=0', 'limit'],
    ['limit=251', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=-1', 'limit'],
    ['cursor=nonsense', 'cursor'],
    ['cursor=e30', 'cursor'],
    ['limit=1&limit=2', 'limit'],
  ])('refuses a list with %s', async (query, path) => expect(await paths('GET', `/api/callbacks?${query}`)).toEqual([path]));

  it('refuses a cursor that was tampered with, whatever is in it', async () => {
    const forged = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
    const whole = { sort: 'desiredTime', from: null, to: null, value: '2026-03-02T10:00:00.000Z', key: 'k' };
    for (const change of [
      { value: "x'; drop table y" },
      { value: 1 },
      { key: '\u0000' },
      { from: 1e300 },
      { to: 'x' },
      { sort: '-desiredTime' },
      { more: 1 },
    ]) {
      expect(await paths('GET', `/api/callbacks?cursor=${forged({ ...whole, ...change })}`)).toEqual(['cursor']);
    }
    expect((await ask(api.url, 'GET', `/api/callbacks?cursor=${forged(whole)}`, token())).status).toBe(200);
  });

  it('refuses a position that is none', async () => {
    expect(await paths('GET', '/api/callbacks', undefined, { 'x-position': '-1' })).toEqual(['x-position']);
  });

  it('refuses to move a callback to a time that is none, or past', async () => {
    const { body } = await create({ ...good, desiredTime: '2026-03-03T10:00:00Z' });
    const path = `/api/callbacks/${textAt(body, 'data', 'id')}/reschedule`;
    for (const desiredTime of [undefined, 1, 'later', '2026-02-30T10:00:00Z'])
      expect(await paths('POST', path, { desiredTime })).toEqual(['desiredTime']);
    const past = await refused(() => ask(api.url, 'POST', path, token(), { desiredTime: '2026-03-02T09:59:00Z' }));
    expect(failureOf(past)).toMatchObject({ status: 400, code: 1008 });
    expect(await paths('POST', path, { desiredTime: '2026-03-03T11:00:00Z', reason: 'x'.repeat(201) })).toEqual(['reason']);
    expect(await paths('POST', path, { desiredTime: '2026-03-03T11:00:00Z', extra: 1 })).toEqual(['extra']);
  });

  it.each([
    ['slotCapacity', -1],
    ['slotCapacity', 1.5],
    ['slotDurationMinutes', 7],
    ['maxDialAttempts', 0],
    ['pacing', 1.1],
    ['dialRetryMinutes', 0],
    ['priority', {}],
    ['callDisplayName', 5],
    ['callDisplayName', 'two\r\nlines'],
    ['routePoint', 'a\u0000'],
    ['unknownColumn', 1],
  ])('refuses a setting %s of %j, naming it', async (column, value) => {
    const [path] = await paths('PUT', '/api/queue-settings/sales', { [column]: value });
    expect(String(path).split('.')[0]).toBe(column);
  });

  it.each([['%00'], ['a%0Ab'], ['x'.repeat(129)]])('refuses a queue called %s', async (name) =>
    expect(await paths('PUT', `/api/queue-settings/${name}`, {})).toEqual(['queue']),
  );

  it.each([
    ['/api/queue-settings', {}, 'queue'],
    ['/api/business-hours', { zone: 'UTC', weekly: {} }, 'name'],
    ['/api/rules/numbers', { countries: ['US'] }, 'name'],
    ['/api/rules/capacity', { days: {}, duration: 60 }, 'name'],
    ['/api/rules/regions', { preferred: ['eu'] }, 'name'],
  ])('refuses to make one of %s under a name that nobody can see or tell apart', async (path, body, field) => {
    for (const name of ['%20', '%20a', 'a%20', '%C2%A0', 'a%E2%80%AE', 'a%E2%80%8Bb', 'a%7F'])
      expect(await paths('PUT', `${path}/${name}`, body)).toEqual([field]);
  });

  it('refuses if-none-match of anything but *', async () => {
    expect(await paths('PUT', '/api/queue-settings/sales', {}, { 'if-none-match': '"1"' })).toEqual(['if-none-match']);
  });
});

describe('a report of the contact center', () => {
  const key = () => ({ 'x-api-key': api.connectorKey });
  const report = { source: 's', sequence: 1, full: true, agents: [{ id: 'a', state: 'READY', queues: ['demo'] }] };

  it.each([
    [{ source: undefined }, 'source'],
    [{ source: '' }, 'source'],
    [{ sequence: '1' }, 'sequence'],
    [{ sequence: -1 }, 'sequence'],
    [{ full: 'yes' }, 'full'],
    [{ agents: {} }, 'agents'],
    [{ agents: [{ id: 'a' }] }, 'agents[0].state'],
    [{ agents: [{ id: 'a', state: 'IDLE' }] }, 'agents[0].state'],
    [{ agents: [{ id: 'a', state: 'READY', queues: 'demo' }] }, 'agents[0].queues'],
    [{ agents: [{ id: 'a', state: 'READY', skills: { spanish: 'yes' } }] }, 'agents[0].skills.spanish'],
    [{ shift: 1 }, 'shift'],
  ])('on agents with %j is refused', async (change, path) => {
    const answer = await refused(() => ask(api.url, 'PUT', '/contact-center/agents', key(), { ...report, ...change }));
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1001 });
    expect(pathsOf(answer)).toEqual([path]);
  });

  it.each([
    ['outcome', {}, 'outcome'],
    ['outcome', { outcome: 'MAYBE' }, 'outcome'],
    ['outcome', { outcome: 'BUSY', at: 'now' }, 'at'],
    ['outcome', { outcome: 'BUSY', x: 1 }, 'x'],
    ['connected', {}, 'agentId'],
    ['connected', { agentId: '' }, 'agentId'],
    ['connected', { agentId: 7 }, 'agentId'],
    ['ended', { by: 'NOBODY' }, 'by'],
    ['ended', {}, 'by'],
    ['withdrawn', { at: 5 }, 'at'],
  ])('on an attempt, %s of %j, is refused', async (what, body, path) => {
    const answer = await refused(() => ask(api.url, 'POST', `/contact-center/attempts/x.1/${what}`, key(), body));
    expect(failureOf(answer)).toMatchObject({ status: 400, code: 1001 });
    expect(pathsOf(answer)).toEqual([path]);
  });
});

describe('an address', () => {
  it('that isn’t there is 404, with the error body', async () => {
    for (const path of ['/', '/nope', '/engagement/v3/nope', '/api/nope', '/contact-center/nope', '/engagement/v2/callbacks/create']) {
      const headers = path.startsWith('/api') ? { authorization: `Bearer ${api.adminToken}` } : { 'x-api-key': api.apiKey };
      expect(failureOf(await refused(() => ask(api.url, 'GET', path, headers)))).toMatchObject({ status: 404, code: 3000 });
    }
  });

  it('asked with another method says which ones it answers', async () => {
    const contract = await refused(() => ask(api.url, 'GET', CREATE, { 'x-api-key': api.apiKey }));
    expect([contract.status, contract.headers.get('allow')]).toEqual([400, 'POST']);
    const ours = await refused(() => ask(api.url, 'DELETE', '/api/callbacks/x', { authorization: `Bearer ${api.adminToken}` }));
    expect([ours.status, ours.headers.get('allow'), at(ours.body, 'status', 'code')]).toEqual([405, 'GET, HEAD', 1007]);
  });

  it('that is malformed is 400', async () => {
    expect(failureOf(await refused(() => ask(api.url, 'GET', '/api/callbacks/%E0%A4%A')))).toMatchObject({ status: 400, code: 1000 });
  });
});

describe('what isn’t HTTP', () => {
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });

  it.each([
    ['nonsense', 'GARBAGE\r\n\r\n', 400, 1000],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 1010],
  ])('is answered in the error body too: %s', async (_, text, status, code) => {
    const answer = await raw(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const body: unknown = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));
    expect(at(body, 'status', 'code')).toBe(code);
    expect(answer).toContain(`x-correlation-id: ${textAt(body, 'status', 'corrId')}`);
  });
});

it('none of it reaches the log', () => {
  const log = api.lines.join('');
  expect(log).toContain(CREATE);
  for (const secret of ['5105550100', '19005550100', 'nonsense', api.apiKey, api.adminToken, api.connectorKey])
    expect(log).not.toContain(secret);
  expect(log).not.toContain('"level":50');
});
