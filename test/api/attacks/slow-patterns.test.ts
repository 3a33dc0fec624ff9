import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answer, ask } from '../support/ask.ts';
import { startApi, type TestApi } from '../support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** Texts that make a backtracking expression go on for ever: nested repetitions that nearly match, and long ones of every kind of character that fields know. */
const LENGTH = 60_000;
const times = (text: string, length = LENGTH) => text.repeat(Math.ceil(length / text.length));
const evil = (length: number): readonly string[] => [
  `${times('a', length)}!`,
  `${times('1', length)}x`,
  `+${times('1', length)}`,
  `${times('+1 ', length)}x`,
  `${times('(1)-', length)}x`,
  `${times(' ', length)}x`,
  `${times('a.', length)}!`,
  `${times('a-', length)}_!`,
  `${times('en-', length)}!`,
  `${times('%', length)}_\\`,
  `2026-03-03T10:00:00.${times('0', length)}x`,
  `2026-03-03T${times('10:', length)}Z`,
  `Europe/${times('a/', length)}!`,
  `${times('((a', length)}`,
  `${times('spanish > 1 & ', length)}`,
  `${times('é', length / 2)}\u0301`,
  `;ext=${times('1', length)}x`,
  `tel:${times('1;', length)}x`,
];

/** Each answer is a refusal or a success, and it comes: an expression that goes on for ever would hold up this process, and the test. */
const answered = async (asking: Promise<Answer>[]): Promise<void> => {
  for (const { status } of await Promise.all(asking)) expect(status).toBeLessThan(500);
};
const client = () => ({ 'x-api-key': api.apiKey });
const token = () => ({ authorization: `Bearer ${api.adminToken}` });

it.each([
  ...['serviceName', 'phoneNumber', 'desiredTime', 'cbOfferType', 'language', 'inboundVQ', 'offerThreshold', 'channel', 'offerTiming'],
  ...['cbOriginationIxnId', 'surveyRP', 'priority', 'routePoint', 'captchaToken', 'pushChannel', 'pushTarget'],
])('of a booking, %s takes no time to be refused or read', async (field) => {
  const good = { serviceName: 'demo', phoneNumber: '+15105550100' };
  for (const length of [LENGTH, 120]) {
    const bodies = evil(length).map((text) => ({ ...good, [field]: text }));
    await answered(bodies.map((body) => ask(api.url, 'POST', '/engagement/v3/callbacks/create', client(), body)));
    await answered(bodies.map((body) => ask(api.url, 'POST', '/api/callbacks', token(), body)));
  }
});

it('keys and values of userData, and targets', async () => {
  const good = { serviceName: 'demo', phoneNumber: '+15105550100' };
  const bodies = evil(20_000).flatMap((text) => [
    { ...good, userData: { [text]: 1 } },
    { ...good, userData: { a: text } },
    { ...good, pushTargets: [{ channel: 'FCM', target: text }] },
    { ...good, [text]: 1 },
  ]);
  await answered(bodies.map((body) => ask(api.url, 'POST', '/engagement/v3/callbacks/create', client(), body)));
});

it('ids, reasons, times and notes of other bodies', async () => {
  for (const text of [...evil(LENGTH), ...evil(150)]) {
    await answered([
      ask(api.url, 'POST', '/engagement/v3/callbacks/retrieve', client(), { id: text }),
      ask(api.url, 'POST', '/engagement/v3/callbacks/cancel', client(), { id: text }),
      ask(api.url, 'POST', '/api/callbacks/x/cancel', token(), { reason: text }),
      ask(api.url, 'POST', '/api/callbacks/x/reschedule', token(), { desiredTime: text, reason: text }),
      ask(api.url, 'POST', '/api/operations/parked/drop', token(), { process: text, instance: text, entry: text, cause: text }),
      ask(
        api.url,
        'PUT',
        '/contact-center/agents',
        { 'x-api-key': api.connectorKey },
        { source: text, sequence: 1, full: false, agents: [] },
      ),
      ask(api.url, 'POST', '/contact-center/attempts/x.1/outcome', { 'x-api-key': api.connectorKey }, { outcome: text, at: text }),
    ]);
  }
});

it('settings of a queue that are text', async () => {
  const columns = ['skillExpression', 'callDisplayName', 'callDisplayNumber', 'businessHours', 'routePoint', 'localHours', 'inboundQueue'];
  for (const text of [...evil(LENGTH), ...evil(200)])
    await answered(
      columns.map((column) => ask(api.url, 'PUT', '/api/queue-settings/evil', { ...token(), 'if-match': '*' }, { [column]: text })),
    );
});

it('parameters, path and headers', async () => {
  for (const text of [...evil(1_200), ...evil(60)]) {
    const encoded = encodeURIComponent(text).slice(0, 1_800);
    const shown = text.replace(/[^\x20-\x7e]/g, 'x').trim();
    const names = ['from', 'to', 'range', 'state', 'queue', 'timezone', 'sort', 'limit', 'cursor', 'column'];
    await answered([
      ...names.map((name) => ask(api.url, 'GET', `/api/callbacks?${name}=${encoded}`, token())),
      ask(api.url, 'GET', `/api/callbacks?column=phoneNumber&contains=${encoded.slice(0, 120)}`, token()),
      ask(api.url, 'GET', `/api/callbacks?from=${encoded}&timezone=${encoded}`, token()),
      ask(api.url, 'GET', `/api/errors?from=${encoded}`, token()),
      ask(api.url, 'GET', `/api/audit/as-of?instant=${encoded}`, token()),
      ask(api.url, 'GET', `/api/${encoded}`, token()),
      ask(api.url, 'GET', `/api/callbacks/${encoded}`, token()),
      ask(api.url, 'POST', `/contact-center/attempts/${encoded}/withdrawn`, { 'x-api-key': api.connectorKey }, {}),
      ask(api.url, 'GET', '/api/callbacks', { ...token(), 'x-position': shown }),
      ask(api.url, 'PUT', '/api/queue-settings/evil', { ...token(), 'if-match': shown, 'x-reason': shown }, {}),
      ask(api.url, 'POST', '/engagement/v3/callbacks/create', { ...client(), 'idempotency-key': shown }, {}),
      ask(api.url, 'POST', '/engagement/v3/callbacks/create', { ...client(), 'content-type': `application/json${shown}` }, '{}'),
      ask(api.url, 'GET', '/api/callbacks', { authorization: `Bearer ${shown}` }),
      ask(api.url, 'GET', '/api/callbacks', { authorization: `Bearer${' '.repeat(1_500)}a${' '.repeat(1_500)}b` }),
      ask(api.url, 'POST', '/engagement/v3/callbacks/retrieve', { 'x-api-key': shown || 'x' }, {}),
    ]);
  }
});
