import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import { MOST_SOURCES } from '../../src/live/kit/silence.ts';
import { type Answer, ask, at, failureOf, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const LONG = 'x'.repeat(129);
const key = () => ({ 'x-api-key': api.connectorKey });
/** Sends JSON text as it is, for what no object of ours can say. */
const send = async (method: string, path: string, text: string): Promise<Answer> => {
  const headers = { ...key(), 'content-type': 'application/json' };
  const answer = await fetch(`${api.url}/contact-center/${path}`, { method, headers, body: text });
  const body = await answer.text();
  return { status: answer.status, headers: answer.headers, body: body === '' ? undefined : JSON.parse(body), text: body };
};
const pathsOf = (answer: Answer): unknown[] => {
  const errors = at(answer.body, 'status', 'errors');
  return Array.isArray(errors) ? errors.map((error) => at(error, 'path')) : [];
};
const ready = () => api.agents.groups(api.clock.now()).reduce((sum, group) => sum + group.ready, 0);

/** What was refused left no event, and agents as they were. */
const refused = async (asking: () => Promise<Answer>): Promise<Answer> => {
  const before = [await api.store.lastPosition(), ready()];
  const answer = await asking();
  expect([await api.store.lastPosition(), ready()]).toEqual(before);
  expect(textAt(answer.body, 'status', 'corrId')).toMatch(/^[0-9a-f-]{36}$/);
  return answer;
};

const context = { correlationId: 'c', causationId: 'c', actor: { kind: 'process', id: 'dispatch', name: 'dispatch' } } as const;
const booked = async (): Promise<string> => {
  const booking = { serviceName: 'demo', phoneNumber: '+15105550100' };
  const { body } = await ask(api.url, 'POST', '/engagement/v3/callbacks/create', { 'x-api-key': api.apiKey }, booking);
  return textAt(body, 'data', 'id');
};
const ringing = async () => {
  const id = await booked();
  const attemptId = attemptIdOf(id, 1);
  const now = '2026-03-02T10:00:00.000Z';
  const command = { type: 'StartAttempt', attemptId, attempt: 1, region: null, placeBy: '2026-03-02T10:00:10.000Z', now } as const;
  const started = await handle(api.store, callbackKind, callbackStream(id), command, { ...context, commandId: attemptId });
  expect(started.ok).toBe(true);
  return { id, attemptId };
};
const report = (attemptId: string, what: string, body: unknown) =>
  ask(api.url, 'POST', `/contact-center/attempts/${attemptId}/${what}`, key(), body);
const shown = async (id: string): Promise<unknown> =>
  (await ask(api.url, 'GET', `/api/callbacks/${id}`, { authorization: `Bearer ${api.adminToken}` })).body;

describe('a report on an attempt that there isn’t', () => {
  const everything = [
    ['outcome', { outcome: 'BUSY' }],
    ['outcome', { outcome: 'ANSWERED' }],
    ['connected', { agentId: 'anna' }],
    ['ended', { by: 'AGENT' }],
    ['withdrawn', {}],
  ] as const;
  it.each(everything)('%s %j is 404, and leaves no event', async (what, body) => {
    const id = await booked();
    const unknown = ['nobody.1', 'nobody', attemptIdOf(id, 1), attemptIdOf(id, 999_999), `${id}.0`, `${id}.-1`, `${id}.1e9`, `${id}.`];
    for (const attemptId of [...unknown, '__proto__.1', `${'x'.repeat(90)}.1`, `${'x'.repeat(5_000)}.1`, '%00.1', '%F0%9F%98%80.1'])
      expect((await refused(() => report(attemptId, what, body))).status).toBe(404);
  });
});

describe('a field of a report on an attempt', () => {
  it.each([
    ['outcome', { outcome: 'ENGAGED' }, 'outcome'],
    ['outcome', { outcome: 'busy' }, 'outcome'],
    ['outcome', { outcome: null }, 'outcome'],
    ['outcome', { outcome: '__proto__' }, 'outcome'],
    ['outcome', {}, 'outcome'],
    ['outcome', { outcome: 'BUSY', agentId: 'anna' }, 'agentId'],
    ['connected', {}, 'agentId'],
    ['connected', { agentId: '' }, 'agentId'],
    ['connected', { agentId: LONG }, 'agentId'],
    ['connected', { agentId: 'an\u0007na' }, 'agentId'],
    ['connected', { agentId: 7 }, 'agentId'],
    ['ended', { by: 'ROBOT' }, 'by'],
    ['ended', {}, 'by'],
    ['withdrawn', { reason: 'x' }, 'reason'],
  ])('%s %j is refused by its path, and changes nothing', async (what, body, path) => {
    const { id, attemptId } = await ringing();
    const before = await shown(id);
    const answer = await refused(() => report(attemptId, what, body));
    expect([answer.status, pathsOf(answer)]).toEqual([400, [path]]);
    expect(await shown(id)).toEqual(before);
  });
  it.each(['', 'soon', 'yesterday', 1795265476, null, '2026-02-30T10:00:00Z', '2026-03-02', '+275760-09-13T00:00:00Z', '9'.repeat(5_000)])(
    'at can’t be %j',
    async (instant) => {
      const { attemptId } = await ringing();
      const answer = await refused(() => report(attemptId, 'connected', { agentId: 'anna', at: instant }));
      expect([answer.status, pathsOf(answer)]).toEqual([400, ['at']]);
    },
  );
  it('at may lie in the past or the future: it is recorded, and everything goes by the service’s clock', async () => {
    const { id, attemptId } = await ringing();
    await report(attemptId, 'outcome', { outcome: 'ANSWERED', at: '0001-01-01T00:00:00Z' });
    await report(attemptId, 'connected', { agentId: 'anna', at: '9999-12-31T23:59:59Z' });
    await report(attemptId, 'ended', { by: 'AGENT', at: '1970-01-01T00:00:00Z' });
    const now = new Date(api.clock.now()).toISOString();
    expect(await shown(id)).toMatchObject({
      ...{ callbackState: 'COMPLETED', callbackReason: 'AGENT', updatedAt: now },
      metrics: { attempts: [{ endedAt: now }] },
    });
  });
  it('a body of 10 MB is refused unread', async () => {
    const { attemptId } = await ringing();
    const text = JSON.stringify({ agentId: 'x'.repeat(10_000_000) });
    const answer = await refused(() => send('POST', `attempts/${attemptId}/connected`, text));
    expect(failureOf(answer)).toMatchObject({ status: 413 });
  });
});

describe('a report on agents is refused, and changes nothing, when', () => {
  let sequence = 0;
  const told = (agent: object) =>
    JSON.stringify({ source: 'pbx', sequence: ++sequence, agents: [{ id: 'a', state: 'READY', queues: ['demo'], ...agent }] });
  const levels = (level: string) => told({}).replace('"queues"', `"skills":{"spanish":${level}},"queues"`);
  const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`skill-${n}`, 1]));

  it.each([['1e309'], ['-1'], ['-1e308'], ['1e308'], ['1000000000'], ['"3"'], ['null'], ['[3]'], ['true']])(
    'a skill is at level %s',
    async (level) => {
      const answer = await refused(() => send('PUT', 'agents', levels(level)));
      expect([answer.status, pathsOf(answer)]).toEqual([400, ['agents[0].skills.spanish']]);
    },
  );
  it.each([['NaN'], ['Infinity'], ['-Infinity'], ['0x3'], ['.5'], ['03']])('a skill is at level %s, which is no JSON', async (level) => {
    expect(failureOf(await refused(() => send('PUT', 'agents', levels(level))))).toMatchObject({ status: 400, code: 1002 });
  });
  it.each<[string, object, string]>([
    ['an agent has 10,000 skills', { skills: many }, 'agents[0].skills'],
    ['a skill has no name', { skills: { '': 1 } }, 'agents[0].skills[""]'],
    ['a skill’s name has control characters', { skills: { 'a\u0000b': 1 } }, 'agents[0].skills["a\\u0000b"]'],
    ['a skill’s name is too long', { skills: { [LONG]: 1 } }, `agents[0].skills.${LONG}`],
    ['an id is empty', { id: '' }, 'agents[0].id'],
    ['an id has control characters', { id: 'a\u001bb' }, 'agents[0].id'],
    ['an id is too long', { id: LONG }, 'agents[0].id'],
    ['an id isn’t text', { id: 7 }, 'agents[0].id'],
    ['a state doesn’t exist', { state: 'PARTY' }, 'agents[0].state'],
    ['a queue’s name has control characters', { queues: ['a\nb'] }, 'agents[0].queues[0]'],
    ['a queue’s name is empty', { queues: [''] }, 'agents[0].queues[0]'],
    ['there are too many queues', { queues: Array.from({ length: 2_001 }, (_, n) => `q-${n}`) }, 'agents[0].queues'],
    ['a field is unknown', { mood: 'fine' }, 'agents[0].mood'],
  ])('%s', async (_, agent, path) => {
    const answer = await refused(() => send('PUT', 'agents', told(agent)));
    expect(answer.status).toBe(400);
    expect(pathsOf(answer)).toEqual([path]);
  });
  it('an agent, or a skill, is named __proto__ as a key', async () => {
    for (const name of ['__proto__', '\\u005f_proto__']) {
      const answer = await refused(() => send('PUT', 'agents', told({}).replace('"queues"', `"skills":{"${name}":9},"queues"`)));
      expect([answer.status, pathsOf(answer)]).toEqual([400, ['agents[0].skills.__proto__']]);
    }
    expect(Object.hasOwn(Object.prototype, 'spanish')).toBe(false);
  });
  it.each([[-1], [1.5], [2 ** 53], ['1'], [null], [undefined]])('its sequence is %j', async (wrong) => {
    const answer = await refused(() => send('PUT', 'agents', JSON.stringify({ source: 'pbx', sequence: wrong, agents: [] })));
    expect([answer.status, pathsOf(answer)]).toEqual([400, ['sequence']]);
  });
  it('its source has no name, or one with control characters', async () => {
    for (const source of ['', 'a\u0000', LONG, 7]) {
      const answer = await refused(() => send('PUT', 'agents', JSON.stringify({ source, sequence: ++sequence, agents: [] })));
      expect([answer.status, pathsOf(answer)]).toEqual([400, ['source']]);
    }
  });
  it('it has 100,000 agents', async () => {
    const agents = Array.from({ length: 100_000 }, (_, n) => ({ id: `a-${n}`, state: 'READY', queues: ['demo'] }));
    const answer = await refused(() => send('PUT', 'agents', JSON.stringify({ source: 'pbx', sequence: ++sequence, agents })));
    expect([answer.status, pathsOf(answer)]).toEqual([400, ['agents']]);
  });
  it('it has millions of things wrong, of which one is told in each list', async () => {
    const many = (item: string, times: number) => `[${`${item},`.repeat(times - 1)}${item}]`;
    const agents = Array.from(
      { length: 3 },
      (_, n) => `{"id":"a${n}","state":"READY","queues":${many('""', 2_000)},"skills":{"a":-1,"b":-1}}`,
    );
    const report = (of: string) => `{"source":"flood","sequence":1,${of}}`;
    const ofAgents = await refused(() => send('PUT', 'agents', report(`"agents":[${agents}]`)));
    expect(ofAgents.status).toBe(400);
    expect(pathsOf(ofAgents)).toEqual([0, 1, 2].flatMap((n) => [`agents[${n}].queues[0]`, `agents[${n}].skills.a`]));
    const queue = `{"queue":"demo","waiting":${many('{}', 2_000)},"distributedAt":${many('""', 1_000)}}`;
    const ofFlow = await refused(() => send('PUT', 'flow', report(`"queues":[${queue}]`)));
    expect(pathsOf(ofFlow)).toEqual(['queues[0].waiting[0].enteredAt', 'queues[0].distributedAt[0]']);
  });

  it('it is larger than 16 MB', async () => {
    const text = JSON.stringify({ source: 'pbx', sequence: ++sequence, agents: [], more: 'x'.repeat(17_000_000) });
    expect((await refused(() => send('PUT', 'agents', text))).status).toBe(413);
  });
  it('it comes without the right key', async () => {
    for (const headers of [{}, { 'x-api-key': 'c'.repeat(33) }]) {
      const answer = await refused(() =>
        ask(api.url, 'PUT', '/contact-center/agents', headers, { source: 'pbx', sequence: 1, agents: [] }),
      );
      expect(answer.status).toBe(401);
    }
    const asClient = await refused(() =>
      ask(api.url, 'PUT', '/contact-center/agents', { 'x-api-key': api.apiKey }, { source: 'pbx', sequence: 1, agents: [] }),
    );
    expect(asClient.status).toBe(403);
  });
});

describe('names that objects know are names like others', () => {
  it('for agents, queues and skills', async () => {
    const names = ['constructor', 'toString', 'hasOwnProperty'];
    const agents = ['__proto__', ...names].map((id) => ({ id, state: 'READY', queues: ['demo', '__proto__'], skills: { toString: 1 } }));
    const before = ready();
    expect((await send('PUT', 'agents', JSON.stringify({ source: '__proto__', sequence: 1, agents }))).status).toBe(200);
    expect(ready()).toBe(before + 4);
    expect((await send('PUT', 'agents', JSON.stringify({ source: '__proto__', sequence: 1, agents }))).status).toBe(409);
    await send('PUT', 'agents', JSON.stringify({ source: '__proto__', sequence: 2, agents: [] }));
    expect(ready()).toBe(before);
  });
});

describe('a sequence', () => {
  it('that was far too high bars its source until it has been silent for five minutes', async () => {
    const tell = (sequence: number) =>
      send('PUT', 'regions', JSON.stringify({ source: 'far', sequence, nodes: [{ region: 'east', node: '1', healthy: true }] }));
    expect((await tell(Number.MAX_SAFE_INTEGER)).status).toBe(200);
    expect(failureOf(await refused(() => tell(1)))).toMatchObject({ status: 409, code: 4020 });
    await api.clock.advanceBy(300_001);
    expect((await tell(1)).status).toBe(200);
    expect((await tell(1)).status).toBe(409);
  });
});

describe('sources that are ever new', () => {
  const empty = { agents: { agents: [] }, flow: { queues: [] }, regions: { nodes: [] } };
  it.each(['agents', 'flow', 'regions'] as const)('of %s are refused beyond a bound, and those that are known go on', async (kind) => {
    await api.clock.advanceBy(300_001);
    const tell = (source: string, sequence: number) => send('PUT', kind, JSON.stringify({ source, sequence, ...empty[kind] }));
    for (let n = 0; n < MOST_SOURCES; n++) expect((await tell(`s-${n}`, 1)).status).toBe(200);
    const answer = await refused(() => tell('one-more', 1));
    expect([answer.status, pathsOf(answer)]).toEqual([400, ['source']]);
    expect((await tell('s-0', 2)).status).toBe(200);
    await api.clock.advanceBy(300_000);
    expect((await tell('s-1', 2)).status).toBe(200);
    await api.clock.advanceBy(1);
    expect((await tell('one-more', 1)).status).toBe(200);
  });
});

describe('a report that tells too much together with those before it is refused', () => {
  it('of regions', async () => {
    await api.clock.advanceBy(300_001);
    const nodes = (count: number, from: number) =>
      Array.from({ length: count }, (_, n) => ({ region: 'east', node: `${from + n}`, healthy: true }));
    const tell = (sequence: number, some: object[]) =>
      send('PUT', 'regions', JSON.stringify({ source: 'pbx', sequence, full: sequence === 1, nodes: some }));
    expect((await tell(1, nodes(1_000, 0))).status).toBe(200);
    const answer = await refused(() => tell(2, nodes(1, 1_000)));
    expect([answer.status, pathsOf(answer)]).toEqual([400, ['nodes']]);
    expect((await tell(2, nodes(1, 999))).status).toBe(200);
  });
});

describe('whatever is reported', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  const odd = fc.oneof(json, fc.constantFrom(-1, 1e308, '', '\u0000', '\ud800', [], {}, null, '__proto__', 'READY', true));
  const some = (entries: Readonly<Record<string, fc.Arbitrary<unknown>>>) => fc.record(entries, { requiredKeys: [] });
  const name = fc.oneof(fc.constantFrom('pbx', 'demo', 'constructor'), odd);
  const agent = some({ id: name, state: fc.oneof(fc.constant('READY'), odd), queues: fc.oneof(fc.array(name), odd), skills: odd });
  const entry = some({ queue: name, waiting: odd, distributedAt: odd, region: name, node: name, healthy: odd });
  const body = fc.oneof(
    json,
    some({
      source: name,
      sequence: fc.oneof(fc.nat(), odd),
      full: odd,
      agents: fc.array(agent),
      queues: fc.array(entry),
      nodes: fc.array(entry),
    }),
    some({ outcome: odd, agentId: name, by: odd, at: odd }),
  );
  const what = fc.constantFrom('outcome', 'connected', 'ended', 'withdrawn');

  it('is answered, and never by a failure of the service', async () => {
    const { attemptId } = await ringing();
    await fc.assert(
      fc.asyncProperty(body, what, async (told, report) => {
        const text = JSON.stringify(told) ?? '';
        const paths = [
          ['PUT', 'agents'],
          ['PUT', 'flow'],
          ['PUT', 'regions'],
          ['POST', `attempts/${attemptId}/${report}`],
        ] as const;
        for (const [method, path] of paths) {
          const { status } = await send(method, path, text);
          expect([200, 400, 404, 409]).toContain(status);
        }
      }),
      { numRuns: 60 },
    );
    expect((await ask(api.url, 'GET', '/health/live', {})).status).toBe(200);
  });
});
