import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { iso } from '../../../src/clock.ts';
import { connectorClient } from '../../../src/integrations/connector/client.ts';
import { webhookSignature } from '../../../src/integrations/connector/signature.ts';
import { type Behaviour, type DialOutcome, defaultBehaviour, dialOutcomes } from '../../../src/integrations/simulator/behaviour.ts';
import { reactionOf } from '../../../src/integrations/simulator/customer.ts';
import { type SimulatorOptions, startSimulator } from '../../../src/integrations/simulator/simulator.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { startStandInService } from '../support/stand-in-service.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const start = Date.parse('1999-03-01T08:00:00Z');
const answering = '+12125550142';

/** Every customer but those of 555-01xx does this; times are round so that tests can tell them. */
const always = (outcome: DialOutcome, changes: Partial<Behaviour> = {}): Behaviour => {
  const rates = Object.fromEntries(dialOutcomes.map((o) => [o, o === outcome ? 1 : 0]));
  const ring = Object.fromEntries(dialOutcomes.map((o) => [o, [5_000, 5_000]]));
  return {
    answerRates: { ...defaultBehaviour.answerRates, ...rates },
    ringMs: { ...defaultBehaviour.ringMs, ...ring },
    patienceMs: [8_000, 8_000],
    handling: { medianMs: 60_000, sigma: 0 },
    wrapUp: { medianMs: 20_000, sigma: 0 },
    endedByCustomer: 0,
    ...changes,
  };
};

const setUp = async (changes: Partial<SimulatorOptions> = {}, service?: Awaited<ReturnType<typeof startStandInService>>) => {
  const clock = manualClock(start);
  const standIn = service ?? (await startStandInService());
  const lines: string[] = [];
  const log = pino({}, new Writable({ write: (chunk, _, done) => done(void lines.push(String(chunk))) }));
  const simulator = await startSimulator({
    secret,
    serviceUrl: standIn.url,
    connectorKey: 'k'.repeat(32),
    clock,
    speed: 1,
    seed: 1,
    queues: () => ['demo'],
    behaviour: always('ANSWERED'),
    agents: [{ id: 'a', queues: 'all' }],
    log,
    ...changes,
  });
  onTestFinished(simulator.close);
  const client = connectorClient({ url: simulator.url, secret, clock, timeoutMs: 10_000 });
  onTestFinished(client.close);
  const place = (attemptId: string, phoneNumber = answering, queue = 'demo', placeBy = clock.now() + 10_000) =>
    client.place({
      attemptId,
      placeBy: iso(placeBy),
      callbackId: attemptId.split('.')[0] ?? '',
      queue,
      phoneNumber,
      displayName: null,
      displayNumber: null,
      routePoint: null,
      region: null,
      userData: {},
    });
  return { clock, service: standIn, simulator, client, place, lines };
};
const later = (ms: number) => iso(start + ms);

describe('live calls and regions', () => {
  it('are reported whole, as often as agents are: nobody waits on the line, and two regions are healthy', async () => {
    const { clock, service } = await setUp();
    const reports = (what: string) => service.received.filter(({ path }) => path === `/contact-center/${what}`).map(({ body }) => body);
    await clock.advanceBy(10_000);
    const nodes = ['east', 'west'].map((region) => ({ region, node: `${region}-1`, healthy: true }));
    const common = (n: number) => ({ source: 'simulator', sequence: start + n, full: true });
    expect(reports('flow')).toEqual([0, 1].map((n) => ({ ...common(n), queues: [] })));
    expect(reports('regions')).toEqual([0, 1].map((n) => ({ ...common(n), nodes })));
  });
});

describe('an attempt', () => {
  it('rings, is answered, connected and ended, and each is reported when it happens', async () => {
    const { clock, service, place } = await setUp();
    expect(await place('cb-1.1')).toEqual({ kind: 'accepted' });
    await clock.advanceBy(4_999);
    expect(service.about('cb-1.1')).toEqual([]);
    await clock.advanceBy(1);
    expect(service.about('cb-1.1')).toEqual([
      { what: 'outcome', outcome: 'ANSWERED', at: later(5_000) },
      { what: 'connected', agentId: 'a', at: later(5_000) },
    ]);
    await clock.advanceBy(60_000);
    expect(service.about('cb-1.1').at(-1)).toEqual({ what: 'ended', by: 'AGENT', at: later(65_000) });
    expect(new Set(service.received.map((r) => r.authorization))).toEqual(new Set([`Bearer ${'k'.repeat(32)}`]));
  });

  it.each(dialOutcomes.filter((o) => o !== 'ANSWERED'))('that comes to %s is reported and over', async (outcome) => {
    const { clock, service, place, simulator } = await setUp({ behaviour: always(outcome) });
    await place('cb-1.1', '+12125552000');
    await clock.advanceBy(5_000);
    expect(service.about('cb-1.1')).toEqual([{ what: 'outcome', outcome, at: later(5_000) }]);
    expect(simulator.stats().callsInProgress).toBe(0);
  });

  it('is reported beside many others on their way, without a warning of the process', async () => {
    const warned: string[] = [];
    const hear = ({ name }: Error) => void warned.push(name);
    process.on('warning', hear);
    onTestFinished(() => void process.off('warning', hear));
    const { clock, service, place } = await setUp({ behaviour: always('BUSY') });
    const ids = Array.from({ length: 20 }, (_, index) => `cb-${index}.1`);
    await Promise.all(ids.map((id) => place(id, '+12125552000')));
    await clock.advanceBy(5_000);
    expect(ids.filter((id) => service.about(id).length === 1)).toEqual(ids);
    expect(warned).toEqual([]);
  });

  it('comes to the same at the same attempt number, whenever it is dialed', async () => {
    const number = '+12125552345';
    const { clock, service, place } = await setUp({ behaviour: defaultBehaviour, seed: 5, reportEveryMs: 600_000 });
    await clock.advanceBy(3_600_000);
    for (const n of [3, 1, 2]) {
      await place(`cb-1.${n}`, number);
      await clock.advanceBy(3_600_000);
      expect(service.about(`cb-1.${n}`)[0]).toMatchObject({ outcome: reactionOf(defaultBehaviour, 5, number, n).outcome });
    }
  });

  it('has its times divided by the speed, but for the customer’s patience', async () => {
    const { clock, service, place } = await setUp({ speed: 10 });
    await place('cb-1.1');
    await place('cb-2.1', '+12125550143');
    await clock.advanceTo(start + 500 + 8_000);
    expect(service.about('cb-1.1').map(({ what, at }) => [what, at])).toEqual([
      ['outcome', later(500)],
      ['connected', later(500)],
      ['ended', later(6_500)],
    ]);
    expect(service.about('cb-2.1').at(-1)).toMatchObject({ what: 'ended', by: 'CUSTOMER', at: later(8_500) });
  });

  it('is refused after its placeBy, and never dialed', async () => {
    const { clock, service, place, simulator } = await setUp();
    expect(await place('cb-1.1', answering, 'demo', start - 1)).toEqual({ kind: 'refused', status: 409, reason: 'PLACE_BY_PASSED' });
    expect(simulator.stats().callsInProgress).toBe(0);
    await clock.advanceBy(600_000);
    expect(service.about('cb-1.1')).toEqual([]);
  });

  it('is dialed once, however often it is placed, also when it is long over', async () => {
    const { clock, service, place, simulator } = await setUp();
    const placeBy = start + 10_000;
    expect(await place('cb-1.1', answering, 'demo', placeBy)).toEqual({ kind: 'accepted' });
    expect(await place('cb-1.1', answering, 'demo', placeBy)).toEqual({ kind: 'accepted' });
    expect(simulator.stats().callsInProgress).toBe(1);
    await clock.advanceBy(600_000);
    expect(await place('cb-1.1', answering, 'demo', placeBy)).toEqual({ kind: 'accepted' });
    await clock.advanceBy(600_000);
    expect(service.about('cb-1.1')).toHaveLength(3);
  });

  it('needs an id that ends in its number', async () => {
    const { place } = await setUp();
    for (const id of ['cb-1', 'cb-1.0', 'cb-1.x'])
      expect(await place(id)).toEqual({ kind: 'refused', status: 400, reason: 'BAD_ATTEMPT_ID' });
  });

  it('is abandoned by a customer for whom no agent comes free in time', async () => {
    const { clock, service, place } = await setUp();
    await place('cb-1.1');
    await place('cb-2.1', '+12125550143');
    await clock.advanceBy(13_000);
    expect(service.about('cb-2.1')).toEqual([
      { what: 'outcome', outcome: 'ANSWERED', at: later(5_000) },
      { what: 'ended', by: 'CUSTOMER', at: later(13_000) },
    ]);
  });

  it('waits for the agent who comes free, in the order of answering', async () => {
    const { clock, service, place } = await setUp({ behaviour: always('ANSWERED', { patienceMs: [600_000, 600_000] }) });
    for (const n of [1, 2, 3]) {
      await place(`cb-${n}.1`, `+1212555014${n}`);
      await clock.advanceBy(100);
    }
    await clock.advanceBy(600_000);
    const connectedAt = (id: string) => service.about(id).find(({ what }) => what === 'connected')?.at;
    expect(['cb-1.1', 'cb-2.1', 'cb-3.1'].map(connectedAt)).toEqual([later(5_000), later(85_000), later(165_000)]);
  });

  it('goes only to an agent of its queue', async () => {
    const agents = [
      { id: 'sales', queues: ['sales'] },
      { id: 'demo', queues: ['demo'] },
    ];
    const { clock, service, place } = await setUp({ agents });
    await place('cb-1.1', answering, 'demo');
    await place('cb-2.1', '+12125550143', 'sales');
    await place('cb-3.1', '+12125550144', 'other');
    await clock.advanceBy(13_000);
    expect(service.about('cb-1.1')[1]).toMatchObject({ what: 'connected', agentId: 'demo' });
    expect(service.about('cb-2.1')[1]).toMatchObject({ what: 'connected', agentId: 'sales' });
    expect(service.about('cb-3.1')[1]).toMatchObject({ what: 'ended', by: 'CUSTOMER' });
  });
});

describe('a withdrawal', () => {
  it('stops the ringing, and says so', async () => {
    const { clock, service, place, client } = await setUp();
    await place('cb-1.1');
    await clock.advanceBy(1_000);
    expect(await client.withdraw({ attemptId: 'cb-1.1' })).toEqual({ kind: 'accepted' });
    await clock.advanceBy(600_000);
    expect(service.about('cb-1.1')).toEqual([{ what: 'withdrawn', at: later(1_000) }]);
    expect(await place('cb-1.1')).toEqual({ kind: 'refused', status: 409, reason: 'WITHDRAWN' });
  });

  it('comes too late for a customer who has an agent', async () => {
    const { clock, service, place, client } = await setUp();
    await place('cb-1.1');
    await clock.advanceBy(6_000);
    expect(await client.withdraw({ attemptId: 'cb-1.1' })).toEqual({ kind: 'refused', status: 409, reason: 'CONNECTED' });
    await clock.advanceBy(600_000);
    expect(service.about('cb-1.1').map(({ what }) => what)).toEqual(['outcome', 'connected', 'ended']);
  });

  it('that arrives before its attempt keeps it from being dialed', async () => {
    const { clock, service, place, client, simulator } = await setUp();
    expect(await client.withdraw({ attemptId: 'cb-1.1' })).toEqual({ kind: 'accepted' });
    await clock.settle();
    expect(service.about('cb-1.1')).toEqual([{ what: 'withdrawn', at: later(0) }]);
    expect(await place('cb-1.1')).toMatchObject({ kind: 'refused' });
    expect(simulator.stats().callsInProgress).toBe(0);
  });

  it('of an attempt that is over changes nothing', async () => {
    const { clock, service, place, client } = await setUp({ behaviour: always('BUSY') });
    await place('cb-1.1', '+12125552000');
    await clock.advanceBy(60_000);
    expect(await client.withdraw({ attemptId: 'cb-1.1' })).toEqual({ kind: 'accepted' });
    await clock.settle();
    expect(service.about('cb-1.1').map(({ what }) => what)).toEqual(['outcome']);
  });
});

describe('the webhook server', () => {
  const send = async (url: string, body: string, headers: Record<string, string>) => {
    const response = await fetch(url, { method: 'POST', body, headers });
    return [response.status, await response.json()];
  };
  const message = JSON.stringify({ type: 'attempt.withdraw', attemptId: 'cb-1.1' });

  it('refuses what isn’t signed with the secret, or was signed long ago', async () => {
    const { simulator } = await setUp();
    const other = webhookSignature(`whsec_${Buffer.alloc(32, 9).toString('base64')}`);
    const own = webhookSignature(secret);
    const refused = [401, { reason: 'BAD_SIGNATURE' }];
    expect(await send(simulator.url, message, {})).toEqual(refused);
    expect(await send(simulator.url, message, other.sign('msg_1', message, start))).toEqual(refused);
    expect(await send(simulator.url, `${message} `, own.sign('msg_1', message, start))).toEqual(refused);
    expect(await send(simulator.url, message, own.sign('msg_1', message, start - 301_000))).toEqual(refused);
    expect(await send(simulator.url, message, own.sign('msg_1', message, start))).toEqual([200, { result: 'WITHDRAWN' }]);
  });

  it.each(['', 'nonsense', '{}', '{"type":"attempt.place","attemptId":"cb-1.1"}', '{"type":"attempt.redial","attemptId":"cb-1.1"}'])(
    'refuses a signed message it can’t read: %s',
    async (body) => {
      const { simulator } = await setUp();
      const headers = webhookSignature(secret).sign('msg_1', body, start);
      expect(await send(simulator.url, body, { ...headers })).toEqual([400, { reason: 'BAD_MESSAGE' }]);
    },
  );

  it('refuses a message over its limit, and anything but POST', async () => {
    const { simulator } = await setUp();
    expect((await fetch(simulator.url)).status).toBe(405);
    const big = JSON.stringify({ type: 'attempt.withdraw', attemptId: 'x'.repeat(300_000) });
    const outcome = await send(simulator.url, big, { ...webhookSignature(secret).sign('msg_1', big, start) }).catch(() => 'cut off');
    if (outcome !== 'cut off') expect(outcome).toEqual([413, { reason: 'TOO_LARGE' }]);
    expect((await fetch(simulator.url)).status).toBe(405);
  });
});

describe('reports about agents', () => {
  it('are full at first and every ten seconds, with a growing sequence, and name the queues there are', async () => {
    const queues = ['demo'];
    const { clock, service } = await setUp({
      queues: () => queues,
      agents: [
        { id: 'a', queues: 'all' },
        { id: 'b', queues: ['x'], skills: { spanish: 3 } },
      ],
    });
    await clock.settle();
    queues.push('sales');
    await clock.advanceBy(20_000);
    const reports = service.agentReports();
    expect(reports.map(({ full }) => full)).toEqual([true, true, true]);
    expect(reports.map(({ sequence }) => sequence)).toEqual([1, 2, 3].map((n) => start + n));
    expect(reports[0]?.agents).toEqual([
      { id: 'a', state: 'READY', queues: ['demo'], skills: {} },
      { id: 'b', state: 'READY', queues: ['x'], skills: { spanish: 3 } },
    ]);
    expect(reports[2]?.agents[0]?.queues).toEqual(['demo', 'sales']);
  });

  it('tell each change at once: busy, then away to wrap up, then ready', async () => {
    const { clock, service, place } = await setUp({
      reportEveryMs: 3_600_000,
      agents: [
        { id: 'a', queues: 'all' },
        { id: 'b', queues: ['x'] },
      ],
    });
    await place('cb-1.1');
    const states: unknown[] = [];
    for (const ms of [5_000, 60_000, 20_000]) {
      await clock.advanceBy(ms);
      const { full, agents } = service.agentReports().at(-1) ?? {};
      states.push([full, agents?.map(({ id, state }) => [id, state])]);
    }
    expect(states).toEqual([
      [false, [['a', 'BUSY']]],
      [false, [['a', 'AWAY']]],
      [false, [['a', 'READY']]],
    ]);
  });

  it('show an agent out of shift as out, who finishes the call he has', async () => {
    const agents = [{ id: 'a', queues: 'all' as const, shifts: [{ from: '08:00', to: '08:30' }] }];
    const behaviour = always('ANSWERED', { handling: { medianMs: 600_000, sigma: 0 } });
    const { clock, service, place } = await setUp({ agents, behaviour, reportEveryMs: 600_000 });
    await clock.advanceTo(start + 25 * 60_000);
    await place('cb-1.1');
    await clock.advanceTo(start + 34 * 60_000);
    expect(service.agentReports().at(-1)?.agents[0]?.state).toBe('BUSY');
    await clock.advanceTo(start + 60 * 60_000);
    expect(service.about('cb-1.1').at(-1)).toMatchObject({ what: 'ended', at: later(25 * 60_000 + 605_000) });
    expect(service.agentReports().at(-1)?.agents[0]?.state).toBe('OUT');
    await clock.advanceTo(start + 24 * 3_600_000);
    expect(service.agentReports().at(-1)?.agents[0]?.state).toBe('READY');
  });

  it('go on above a sequence that the service has seen already', async () => {
    let last = start + 5_000_000;
    const service = await startStandInService({
      answer: ({ path, body }) => {
        if (path !== '/contact-center/agents' || typeof body !== 'object' || body === null || !('sequence' in body)) return 200;
        if (Number(body.sequence) <= last) return 409;
        last = Number(body.sequence);
        return 200;
      },
    });
    const { clock } = await setUp({}, service);
    await clock.advanceBy(60_000);
    expect(service.agentReports().at(-1)?.sequence).toBe(last);
    expect(service.agentReports().at(-1)?.full).toBe(true);
  });

  it('that still call an agent ready arrive before the connection to him, never after', async () => {
    const held: (() => void)[] = [];
    let hold = false;
    const service = await startStandInService({
      answer: ({ path }) => (hold && path === '/contact-center/agents' ? new Promise((resolve) => held.push(() => resolve(200))) : 200),
    });
    const { clock, place } = await setUp({}, service);
    await clock.advanceBy(7_000);
    await place('cb-1.1');
    hold = true;
    await clock.advanceTo(start + 13_000);
    expect(service.agentReports().at(-1)?.agents[0]?.state).toBe('READY');
    expect(held).toHaveLength(1);
    expect(service.about('cb-1.1').map(({ what }) => what)).toEqual(['outcome']);
    hold = false;
    held[0]?.();
    await clock.settle();
    expect(service.about('cb-1.1').map(({ what }) => what)).toEqual(['outcome', 'connected']);
    expect(service.agentReports().at(-1)?.agents).toMatchObject([{ id: 'a', state: 'BUSY' }]);
  });
});

describe('a report that the service doesn’t take', () => {
  it('is repeated until it is accepted, in the attempt’s order', async () => {
    let down = true;
    const service = await startStandInService({ answer: ({ path }) => (down && path.includes('attempts') ? 503 : 200) });
    const { clock, place } = await setUp({}, service);
    await place('cb-1.1');
    await clock.advanceBy(120_000);
    expect(service.about('cb-1.1')).toEqual([]);
    expect(service.received.filter(({ path }) => path.endsWith('/outcome')).length).toBeGreaterThan(5);
    expect(service.received.filter(({ path }) => path.endsWith('/connected'))).toEqual([]);
    down = false;
    await clock.advanceBy(5_000);
    expect(service.about('cb-1.1').map(({ what, at }) => [what, at])).toEqual([
      ['outcome', later(5_000)],
      ['connected', later(5_000)],
      ['ended', later(65_000)],
    ]);
  });

  it('waits for a service that comes back at the same address', async () => {
    const first = await startStandInService();
    const { clock, place } = await setUp({}, first);
    await clock.settle();
    await first.stop();
    await place('cb-1.1');
    await clock.advanceBy(30_000);
    const second = await startStandInService({ port: first.port });
    await clock.advanceBy(40_000);
    expect(second.about('cb-1.1').map(({ what }) => what)).toEqual(['outcome', 'connected', 'ended']);
    expect(second.agentReports()[0]?.full).toBe(true);
  });

  it('is dropped when refused, with a line that has no phone number in it', async () => {
    const service = await startStandInService({ answer: ({ path }) => (path.includes('attempts') ? 404 : 200) });
    const { clock, place, lines } = await setUp({}, service);
    await place('cb-1.1');
    await clock.advanceBy(120_000);
    expect(service.received.filter(({ path }) => path.includes('cb-1.1')).map(({ path }) => path.split('/').at(-1))).toEqual([
      'outcome',
      'connected',
      'ended',
    ]);
    expect(lines).toHaveLength(3);
    expect(lines.join('')).toContain('404');
    expect(lines.join('')).not.toContain('5550142');
  });
});

it('counts how each agent’s time was spent', async () => {
  const { clock, place, simulator } = await setUp({
    agents: [
      { id: 'a', queues: 'all' },
      { id: 'b', queues: 'all', shifts: [{ from: '12:00', to: '13:00' }] },
    ],
  });
  await place('cb-1.1');
  await clock.advanceBy(35_000);
  expect(simulator.stats().agents[0]).toEqual({ id: 'a', state: 'BUSY', readyMs: 5_000, busyMs: 30_000, awayMs: 0, outMs: 0, calls: 1 });
  await clock.advanceBy(65_000);
  expect(simulator.stats().agents).toEqual([
    { id: 'a', state: 'READY', readyMs: 20_000, busyMs: 60_000, awayMs: 20_000, outMs: 0, calls: 1 },
    { id: 'b', state: 'OUT', readyMs: 0, busyMs: 0, awayMs: 0, outMs: 100_000, calls: 0 },
  ]);
});

it('shares the calls among ten agents on every queue when none are given', async () => {
  const clock = manualClock(start);
  const service = await startStandInService();
  const simulator = await startSimulator({
    secret,
    serviceUrl: service.url,
    connectorKey: 'k'.repeat(32),
    clock,
    speed: 1,
    seed: 1,
    queues: () => ['demo'],
    log: pino({ level: 'silent' }),
  });
  onTestFinished(simulator.close);
  expect(simulator.stats().agents.map(({ id, state }) => [id, state])).toEqual(
    Array.from({ length: 10 }, (_, i) => [`agent-${String(i + 1).padStart(2, '0')}`, 'READY']),
  );
});
