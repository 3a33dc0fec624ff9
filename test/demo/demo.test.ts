import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { demoCommand } from '../../src/demo/command.ts';
import { type DemoDeps, runDemo } from '../../src/demo/demo.ts';
import { type DemoOptions, demoOptions } from '../../src/demo/options.ts';
import { manualClock } from '../support/manual-clock.ts';
import { emptyStore, type Misbehaviour, type Store, standInService } from './support/stand-in-service.ts';

const dayEnd = Date.parse('1999-03-02T00:00:00Z');
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'demo-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return join(path, 'data');
};

/** A run of the demo at 6000 times the machine's pace, where a day is 14.4 s of a machine whose time the test moves. */
const begin = (
  given: { dataDir?: string; store?: Store; options?: Partial<DemoOptions>; deps?: Partial<DemoDeps>; tty?: boolean } & Misbehaviour = {},
) => {
  const { dataDir = folder(), store = emptyStore(), options, deps, tty = false, ...misbehaviour } = given;
  const machine = manualClock(5_000_000);
  const service = standInService(store, misbehaviour);
  const stop = new AbortController();
  const printed = { out: [] as string[], err: [] as string[] };
  let over = false;
  const result = runDemo(
    { ...demoOptions(['--speed', '6000']), ...options },
    {
      startService: service.start,
      dataDir,
      out: { write: (text) => printed.out.push(text) },
      err: { write: (text) => printed.err.push(text), isTTY: tty },
      signal: stop.signal,
      machine,
      ...deps,
    },
  ).finally(() => {
    over = true;
  });
  result.catch(() => undefined);
  onTestFinished(() => {
    stop.abort();
  });
  const toEnd = async () => {
    await machine.advanceUntil(() => over, 60_000);
    return result;
  };
  const kept = () => JSON.parse(readFileSync(join(dataDir, 'demo-clock.json'), 'utf8'));
  const out = () => printed.out.join('');
  const err = () => printed.err.join('');
  return { dataDir, store, machine, service, stop, out, err, result, toEnd, kept };
};

it('plays the whole day: books each callback once at its time, waits for all, and adds up', async () => {
  const demo = begin();
  const summary = await demo.toEnd();
  const booked = demo.store.callbacks.size;
  expect(booked).toBeGreaterThan(100);
  expect(summary).toMatchObject({ planned: booked, completed: { AGENT: booked }, open: {}, attempts: { ANSWERED: booked }, refused: {} });
  expect(summary?.waiting).toEqual({ connected: booked, p50Ms: 60_000, p90Ms: 60_000, p99Ms: 60_000 });
  expect(summary?.offered).toBeGreaterThan(booked);
  expect(demo.out()).toMatch(new RegExp(`^Completed +${booked}$`, 'm'));
  expect(demo.service.seen).toMatchObject({ creates: booked, closed: 1, puts: 1 });
  expect(demo.kept().instant).toBeGreaterThanOrEqual(dayEnd);
});

it('books at the instants of the plan, each by the service’s clock', async () => {
  const demo = begin();
  await demo.toEnd();
  const keys = [...demo.store.callbacks.entries()];
  const arrivals = keys.map(([key]) => Number(key.split('-').at(-1)));
  expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
  const at = keys.map(([, { facts }]) => Date.parse(facts[0]?.at ?? ''));
  expect(Math.min(...at)).toBeGreaterThanOrEqual(Date.parse('1999-03-01T00:00:00Z'));
  expect(
    at.filter((instant) => new Date(instant).getUTCHours() >= 8 && new Date(instant).getUTCHours() < 20).length / at.length,
  ).toBeGreaterThan(0.8);
});

it('widens the queue’s limits and keeps its other columns, leaving inherited ones inherited', async () => {
  const demo = begin();
  await demo.toEnd();
  expect(demo.store.row.settings).toEqual({
    slotCapacity: 5,
    placeWithinSeconds: 3_010,
    ringLimitSeconds: 3_060,
    reportLimitSeconds: 3_600,
  });
});

it('says how far it is, in lines, or in one line on a terminal', async () => {
  const lines = begin();
  await lines.toEnd();
  const texts = lines.err().trimEnd().split('\n');
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.length).toBeLessThan(6);
  for (const text of texts)
    expect(text).toMatch(
      /^1999-03-0[12] \d\d:\d\d {2}calls \d+ of \d+ {2}booked \d+ {2}scheduled \d+ {2}waiting \d+ {2}ringing \d+ {2}talking \d+ {2}completed \d+$/,
    );
  const terminal = begin({ tty: true });
  await terminal.toEnd();
  expect(terminal.err().split('\n')).toHaveLength(2);
  expect(terminal.err().split('\r').length).toBeGreaterThan(10);
});

it('prints no phone number', async () => {
  const demo = begin();
  await demo.toEnd();
  expect(demo.out() + demo.err() + JSON.stringify(demo.kept())).not.toMatch(/555\d{4}/);
});

it('neither loses nor doubles a callback when answers are lost and the service is away for moments', async () => {
  const demo = begin({ onCreate: (n) => (n % 5 === 0 ? 0 : n % 7 === 0 ? 503 : undefined) });
  const summary = await demo.toEnd();
  expect(demo.store.callbacks.size).toBe(summary?.planned);
  expect(demo.service.seen.creates).toBeGreaterThan(Number(summary?.planned));
  expect(summary?.completed).toEqual({ AGENT: summary?.planned });
});

it('killed in the middle and started again, it goes on: nothing acknowledged is lost, nothing booked twice, time never goes back', async () => {
  const dataDir = folder();
  const store = emptyStore();
  const first = begin({ dataDir, store, onCreate: (n) => (n % 3 === 0 ? 0 : undefined) });
  await first.machine.advanceBy(7_000);
  await first.service.kill();
  const before = new Map(store.callbacks);
  const { settled, instant } = first.kept();
  expect(before.size).toBeGreaterThan(10);
  expect(settled).toBeLessThanOrEqual(before.size);
  expect(instant).toBeGreaterThanOrEqual(store.latest);

  const second = begin({ dataDir, store });
  const summary = await second.toEnd();
  expect(Math.min(...second.service.seen.instants)).toBeGreaterThanOrEqual(instant);
  for (const [key, kept] of before) expect(store.callbacks.get(key)?.id).toBe(kept.id);
  expect(store.callbacks.size).toBe(summary?.planned);
  expect(summary?.completed).toEqual({ AGENT: summary?.planned });
  expect(second.service.seen.creates).toBe(Number(summary?.planned) - settled);
  expect(summary?.agents[0]).toMatchObject({ calls: 2, busyMs: 2_000 });
});

it('counts what the service refused for good, by code, once, also over a restart', async () => {
  const dataDir = folder();
  const store = emptyStore();
  const refuse: Misbehaviour = { onCreate: (_, phoneNumber) => (/[05]$/.test(phoneNumber) ? 400 : undefined) };
  const first = begin({ dataDir, store, ...refuse });
  await first.machine.advanceBy(6_500);
  await first.service.kill();
  const summary = await begin({ dataDir, store, ...refuse }).toEnd();
  expect(summary?.refused['7037']).toBeGreaterThan(5);
  expect(Number(summary?.refused['7037']) + store.callbacks.size).toBe(summary?.planned);
});

it('ends a bounded time after the day when callbacks stay open, and says so', async () => {
  const demo = begin({ idle: true });
  const summary = await demo.toEnd();
  expect(summary?.open).toEqual({ SCHEDULED: demo.store.callbacks.size });
  expect(demo.out()).toContain('Left open when the demo ended');
  expect(demo.kept().instant).toBeLessThan(dayEnd + 8 * 3_600_000);
});

it('stopped by the signal it says where it is, closes the service and keeps the instant', async () => {
  const demo = begin();
  await demo.machine.advanceBy(5_000);
  demo.stop.abort();
  await demo.machine.settle();
  expect(await demo.result).toBeUndefined();
  const [, instant] = /Stopped at (\S+); start it again/.exec(demo.err()) ?? [];
  expect(demo.kept().instant).toBe(Date.parse(instant ?? ''));
  expect(demo.service.seen.closed).toBe(1);
  expect(demo.machine.waiting()).toBe(0);
});

it('played to its end already, it adds up the same again', async () => {
  const demo = begin();
  const summary = await demo.toEnd();
  const again = begin({ dataDir: demo.dataDir, store: demo.store });
  expect({ ...(await again.toEnd()), agents: [] }).toEqual({ ...summary, agents: [] });
  expect(again.service.seen.creates).toBe(0);
});

it('fails with the service’s answer when it may not change the queue’s settings', async () => {
  const { start } = standInService(emptyStore());
  const demo = begin({ deps: { startService: async (options) => ({ ...(await start(options)), adminToken: 'wrong' }) } });
  await demo.machine.settle();
  await expect(demo.result).rejects.toThrow('The service answered 401 (code 401) to GET /api/queue-settings/demo.');
  expect(demo.machine.waiting()).toBe(0);
});

it('fails as the service fails to start, and leaves nothing running', async () => {
  const demo = begin({ deps: { startService: () => Promise.reject(new Error('no port')) } });
  await expect(demo.result).rejects.toThrow('no port');
  expect(demo.machine.waiting()).toBe(0);
});

it('as a command: another day on the same folder is refused with a sentence and code 1', async () => {
  const dataDir = folder();
  const demo = begin({ dataDir });
  await demo.toEnd();
  const err: string[] = [];
  const code = await demoCommand(
    ['--day', '1999-03-02'],
    { DATA_DIR: dataDir },
    {
      startService: demo.service.start,
      out: { write: () => true },
      err: { write: (text) => err.push(text) },
      signal: new AbortController().signal,
    },
  );
  expect([code, err.join('')]).toEqual([
    1,
    `${dataDir} holds a demo with the day 1999-03-01; go on with that, or give this one another folder with DATA_DIR.\n`,
  ]);
});
