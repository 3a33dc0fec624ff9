import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { attemptIdOf, callbackStream, failingOutcomes } from '../../src/domain/callback/events.ts';
import { ask, at, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const token = () => ({ authorization: `Bearer ${api.adminToken}` });
const context = { correlationId: 'c', causationId: 'c', actor: { kind: 'process', id: 'dispatch', name: 'dispatch' } } as const;

/** A callback whose first attempt is on its way, as dispatch starts it. */
const ringing = async () => {
  const headers = { 'x-api-key': api.apiKey };
  const booking = { serviceName: 'demo', phoneNumber: '+15105550100' };
  const { body } = await ask(api.url, 'POST', '/engagement/v3/callbacks/create', headers, booking);
  const id = textAt(body, 'data', 'id');
  const attemptId = attemptIdOf(id, 1);
  const now = '2026-03-02T10:00:00.000Z';
  const command = { type: 'StartAttempt', attemptId, attempt: 1, region: null, placeBy: '2026-03-02T10:00:10.000Z', now } as const;
  const started = await handle(api.store, callbackKind, callbackStream(id), command, { ...context, commandId: attemptId });
  expect(started.ok).toBe(true);
  return { id, attemptId };
};

const reports = {
  answered: ['outcome', { outcome: 'ANSWERED' }],
  busy: ['outcome', { outcome: 'BUSY' }],
  fax: ['outcome', { outcome: 'FAX' }],
  anna: ['connected', { agentId: 'anna' }],
  bert: ['connected', { agentId: 'bert' }],
  byAgent: ['ended', { by: 'AGENT' }],
  byCustomer: ['ended', { by: 'CUSTOMER' }],
  withdrawn: ['withdrawn', {}],
} as const;
type Report = keyof typeof reports;

const tell = async (attemptId: string, report: Report) => {
  const [what, body] = reports[report];
  const path = `/contact-center/attempts/${attemptId}/${what}`;
  const { status } = await ask(api.url, 'POST', path, { authorization: `Bearer ${api.connectorKey}` }, body);
  expect(status).toBe(200);
};
const row = async (id: string) => (await ask(api.url, 'GET', `/api/callbacks/${id}`, token())).body;
/** The row, but for where others put it in the line. */
const shown = async (id: string): Promise<object> => ({ ...Object(await row(id)), positionInQueue: 'any', estimatedWaitTime: 'any' });
const facts = async (id: string): Promise<readonly { readonly type: unknown; readonly data: unknown }[]> => {
  const items = at((await ask(api.url, 'GET', `/api/callbacks/${id}/history`, token())).body, 'items');
  return Array.isArray(items) ? items : [];
};
const typesAfterStart = async (id: string) => (await facts(id)).slice(3).map(({ type }) => type);

describe.concurrent('the first report, whichever comes, implies those before it', () => {
  const [answered, connected, completed] = ['CallbackAttemptAnswered', 'CallbackConnected', 'CallbackCompleted'];
  it.each([
    ['answered', [answered], { callbackState: 'ROUTING' }],
    ['anna', [answered, connected], { callbackState: 'PROCESSING' }],
    ['byAgent', [answered, connected, completed], { callbackState: 'COMPLETED', callbackReason: 'AGENT' }],
    ['byCustomer', [answered, completed], { callbackState: 'COMPLETED', callbackReason: 'ABANDONED' }],
    ['withdrawn', ['CallbackAttemptFailed'], { callbackState: 'QUEUED' }],
  ] as const)('%s', async (report, types, state) => {
    const { id, attemptId } = await ringing();
    await tell(attemptId, report);
    expect(await typesAfterStart(id)).toEqual(types);
    expect(await shown(id)).toMatchObject(state);
  });
  it.each(failingOutcomes)('%s', async (outcome) => {
    const { id, attemptId } = await ringing();
    const path = `/contact-center/attempts/${attemptId}/outcome`;
    await ask(api.url, 'POST', path, { authorization: `Bearer ${api.connectorKey}` }, { outcome });
    const final = outcome === 'INVALID_NUMBER';
    expect(await typesAfterStart(id)).toEqual(['CallbackAttemptFailed', ...(final ? ['CallbackCompleted'] : [])]);
    expect(await shown(id)).toMatchObject(
      final ? { callbackState: 'COMPLETED', callbackReason: 'ATTEMPTS_EXHAUSTED' } : { callbackState: 'QUEUED' },
    );
  });
});

/** `+` goes on with the call, `-` says nothing new, `x` is recorded and changes nothing. */
type Effect = '+' | '-' | 'x';
const order: readonly Report[] = ['answered', 'busy', 'fax', 'anna', 'bert', 'byAgent', 'byCustomer', 'withdrawn'];
const effects: Readonly<Record<Report, string>> = {
  answered: /*   */ '- x x + + + + x',
  busy: /*       */ 'x - x x x x x -',
  fax: /*        */ 'x x - x x x x -',
  anna: /*       */ '- x x - x + + x',
  bert: /*       */ '- x x x - + + x',
  byAgent: /*    */ '- x x x x - x x',
  byCustomer: /* */ '- x x x x x - x',
  withdrawn: /*  */ 'x x x x x x x -',
};
const pairs = order.flatMap((first) =>
  (effects[first].split(' ') as Effect[]).map((effect, index) => [first, order[index] ?? first, effect] as const),
);

describe.concurrent('two reports of one attempt', () => {
  it.each(pairs)('%s, then %s: %s', async (first, second, effect) => {
    const { id, attemptId } = await ringing();
    await tell(attemptId, first);
    const [before, state] = [await facts(id), await shown(id)];
    await tell(attemptId, second);
    const added = (await facts(id)).slice(before.length);
    if (effect === '+') {
      expect(added.length).toBeGreaterThan(0);
      expect(added.map(({ type }) => type)).not.toContain('CallbackReportDisregarded');
      expect(await shown(id)).not.toEqual(state);
      return;
    }
    expect(added.map(({ type }) => type)).toEqual(effect === 'x' ? ['CallbackReportDisregarded'] : []);
    expect(await shown(id)).toEqual(state);
    await tell(attemptId, second);
    expect(await facts(id)).toHaveLength(before.length + added.length);
  });
});

it('a call is told of once, whatever is reported of it in whatever order at once', async () => {
  const { id, attemptId } = await ringing();
  await Promise.all(order.flatMap((report) => [tell(attemptId, report), tell(attemptId, report)]));
  const types = await typesAfterStart(id);
  for (const type of ['CallbackAttemptAnswered', 'CallbackAttemptFailed', 'CallbackConnected', 'CallbackCompleted'])
    expect(types.filter((one) => one === type).length).toBeLessThanOrEqual(1);
});
