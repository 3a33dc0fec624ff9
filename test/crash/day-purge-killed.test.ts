import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { at } from '../api/support/ask.ts';
import { freshPostgresDir } from '../support/postgres.ts';
import { build } from './support/built.ts';
import { type Fact, factsOf, startEventStore } from './support/facts.ts';
import { ask, freePort } from './support/http.ts';
import { idIn } from './support/load.ts';
import { putQueue, type ServiceProcess, startService } from './support/service.ts';
import { PATIENCE_MS, TEST_MS, until } from './support/until.ts';

const program = fileURLToPath(new URL('./support/service-at.ts', import.meta.url));
const QUEUE = 'support';
const WAITING = 2_000;
const LANES = 16;
const today = (time: string): number => Date.parse(`2026-03-02T${time}Z`);
const CLOSES = '2026-03-02T18:00:00.000Z';
const CLOSES_ANEW = '2026-03-02T20:00:00.000Z';

let dataDir: string;
let port: number;
let service: ServiceProcess;
const startAt = async (time: string): Promise<void> => {
  service = startService(port, { DATA_DIR: dataDir, START_AT: String(today(time)) }, ['--import', 'tsx', program]);
  await service.ready();
};
beforeAll(async () => {
  await build();
  dataDir = dirname(await freshPostgresDir());
  port = await freePort();
  await startAt('17:00:00');
}, TEST_MS);
afterAll(async () => {
  await service?.end();
  await rm(dataDir, { recursive: true, force: true });
}, TEST_MS);

const setHours = async (closes: string, precondition: Readonly<Record<string, string>>): Promise<void> => {
  const hours = { zone: 'UTC', weekly: { mon: [['09:00', closes]] } };
  const answer = await ask('admin', 'PUT', `${service.url}/api/business-hours/office`, hours, precondition);
  expect(answer?.status).toBeLessThanOrEqual(201);
};
const book = async (number: number, some: object = {}): Promise<string> => {
  const body = { serviceName: QUEUE, phoneNumber: `+1212${5_000_000 + number}`, ...some };
  const answer = await ask('client', 'POST', `${service.url}/engagement/v3/callbacks/create`, body);
  const id = answer && idIn(answer);
  if (id === undefined) throw new Error(`not booked: ${answer?.status}`);
  return id;
};
const isOver = async (id: string | undefined): Promise<boolean> => {
  const answer = await ask('admin', 'GET', `${service.url}/api/callbacks/${id}`);
  return at(answer?.body, 'callbackState') === 'COMPLETED';
};
/** Waits until the purges of so many days are done. */
const daysPurged = (count: number): Promise<unknown> =>
  until(`${count} days are purged`, PATIENCE_MS, async () => {
    const answer = await ask('admin', 'GET', `${service.url}/api/audit?type=BusinessDayPurged&limit=1`);
    return at(answer?.body, 'total') === count;
  });
/** What lies in the log of a service that doesn't run. */
const recorded = async (): Promise<readonly Fact[]> => {
  const store = await startEventStore(join(dataDir, 'events'));
  return factsOf(store.connectionString).finally(() => store.end());
};
const endsOf = (facts: readonly Fact[], id: string | undefined) =>
  facts.filter(({ type, streamId }) => type === 'CallbackCompleted' && streamId === `callback-${id}`).map(({ data }) => data);
const daysOf = (facts: readonly Fact[]) =>
  facts.filter(({ type }) => type.startsWith('BusinessDay')).map(({ type, data }) => [type, data.closedAt]);

it('a purge at the end of a day that is killed twice, its calendar edited meanwhile, purges all who entered before and nobody else, each once', {
  timeout: TEST_MS,
}, async () => {
  await setHours('18:00', { 'if-none-match': '*' });
  await putQueue(service.url, QUEUE, { businessHours: 'office', callbackPurgeMinutes: 10_080 });
  const early = [await book(0)];
  const lane = async (first: number): Promise<void> => {
    for (let number = first; number < WAITING; number += LANES) early.push(await book(number));
  };
  await Promise.all(Array.from({ length: LANES }, (_, n) => lane(n + 1)));
  const ahead = await book(WAITING, { desiredTime: '2026-03-03T10:00:00.000Z' });
  await service.end();

  await startAt('17:59:57');
  await until('the day ends, and the first is purged', PATIENCE_MS, () => isOver(early[0]));
  const late = [await book(WAITING + 1)];
  await setHours('20:00', { 'if-match': '*' });
  await service.end();
  const first = await recorded();
  const left = early.filter((id) => endsOf(first, id).length === 0);
  expect(daysOf(first)).toEqual([['BusinessDayClosed', CLOSES]]);
  expect(left.length).toBeGreaterThan(0);

  await startAt('18:30:00');
  late.push(await book(WAITING + 2));
  await until('half of the others are purged', PATIENCE_MS, () => isOver(left[Math.floor(left.length / 2)]));
  await service.end();

  await startAt('19:00:00');
  late.push(await book(WAITING + 3));
  await daysPurged(1);
  await setHours('18:45', { 'if-match': '*' }); // it is past: no day ends by it
  await setHours('20:00', { 'if-match': '*' });
  await service.end();
  const second = await recorded();
  for (const id of late) expect(endsOf(second, id)).toEqual([]);

  await startAt('20:00:01');
  await daysPurged(2);
  await service.end();
  const facts = await recorded();
  const ends = early.map((id) => endsOf(facts, id));
  expect(ends.filter((each) => each.length !== 1 || each[0]?.reason !== 'PURGED_END_OF_DAY')).toEqual([]);
  expect(ends.filter(([end]) => String(end?.at) < CLOSES || String(end?.at) >= CLOSES_ANEW)).toEqual([]);
  for (const id of late) expect(endsOf(facts, id)).toMatchObject([{ reason: 'PURGED_END_OF_DAY' }]);
  for (const id of late) expect(String(endsOf(facts, id)[0]?.at) >= CLOSES_ANEW).toBe(true);
  expect(endsOf(facts, ahead)).toEqual([]);
  expect(daysOf(facts)).toEqual([
    ['BusinessDayClosed', CLOSES],
    ['BusinessDayPurged', CLOSES],
    ['BusinessDayClosed', CLOSES_ANEW],
    ['BusinessDayPurged', CLOSES_ANEW],
  ]);
});
