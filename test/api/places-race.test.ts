import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import type { Recorded } from '../../src/domain/kit/events.ts';
import { type HeldAt, load, placesStream } from '../../src/domain/places/decider.ts';
import { slotOf } from '../../src/domain/time/slots.ts';
import { type Answer, ask, at, textAt } from './support/ask.ts';
import { startApi, type TestApi } from './support/service.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const CLIENTS = 256;
const PLACES = 5;
const MINUTE = 60_000;
const DAY = '2026-03-04';
const NOON = Date.parse(`${DAY}T12:00:00.000Z`);
const iso = (ms: number) => new Date(ms).toISOString();

const put = async (queue: string, settings: object): Promise<void> => {
  const headers = { authorization: `Bearer ${api.adminToken}` };
  const path = `/api/queue-settings/${queue}`;
  const made = await ask(api.url, 'PUT', path, { ...headers, 'if-none-match': '*' }, settings);
  const answer = made.status === 412 ? await ask(api.url, 'PUT', path, { ...headers, 'if-match': '*' }, settings) : made;
  expect(answer.status, answer.text).toBeLessThan(300);
};
const client = (path: string, body: object): Promise<Answer> => ask(api.url, 'POST', path, { 'x-api-key': api.apiKey }, body);
const book = (queue: string, desiredTime: number, alwaysCheckCapacity: boolean): Promise<Answer> =>
  client('/engagement/v3/callbacks/create', {
    ...{ serviceName: queue, phoneNumber: '+15105550100', alwaysCheckCapacity },
    desiredTime: iso(desiredTime),
  });
const move = (id: string, desiredTime: number): Promise<Answer> =>
  client(`/api/callbacks/${id}/reschedule`, { desiredTime: iso(desiredTime), alwaysCheckCapacity: true });
const cancel = (id: string): Promise<Answer> => client('/engagement/v3/callbacks/cancel', { id });
const idOf = ({ body }: Answer): string => textAt(body, 'data', 'id');

const slots = z.array(z.object({ utcTime: z.string(), capacity: z.int() }));
const availability = async (queue: string) => {
  const path = `/engagement/v3/callbacks/availability/${queue}?start=${DAY}T00:00:00.000Z&reportBusy=true`;
  return slots.parse(at((await ask(api.url, 'GET', path, { 'x-api-key': api.apiKey })).body, 'data', 'slots'));
};
const placesOf = async (queue: string): Promise<readonly Recorded<DomainEvent>[]> => {
  const events = [];
  for await (const event of api.store.readStream(placesStream(queue, DAY))) events.push(event);
  return events;
};

/** Callbacks that hold a place at the end, with its instant: one each. */
const heldIn = (events: readonly Recorded<DomainEvent>[]): Map<string, HeldAt> => {
  const held = new Map<string, HeldAt>();
  for (const { type, data } of events) {
    if (type === 'PlaceTaken') held.set(data.holdId, { callbackId: data.callbackId, instant: Date.parse(data.instant) });
    if (type === 'PlaceGivenBack') held.delete(data.holdId);
  }
  return held;
};

describe(`${CLIENTS} clients who race for ${PLACES} places of a slot`, () => {
  it('are accepted five times, and else refused with the ten free slots that are nearest, in every slot and round', async () => {
    await put('race', { slotDurationMinutes: 15, slotCapacity: PLACES });
    await api.settle();
    for (const start of [NOON, NOON + 15 * MINUTE, NOON - 15 * MINUTE]) {
      const answers = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => book('race', start + n * 3_000, true)));
      const refused = answers.filter(({ status }) => status === 429);
      expect([answers.filter(({ status }) => status === 200).length, refused.length]).toEqual([PLACES, CLIENTS - PLACES]);

      const free = (await availability('race')).filter(({ capacity }) => capacity > 0);
      for (const answer of refused) {
        const wished = start + answers.indexOf(answer) * 3_000;
        const byDistance = (one: { utcTime: string }, other: { utcTime: string }) =>
          Math.abs(Date.parse(one.utcTime) - wished) - Math.abs(Date.parse(other.utcTime) - wished) ||
          (one.utcTime > other.utcTime ? -1 : 1);
        const nearest = free.toSorted(byDistance).slice(0, 10);
        expect(slots.parse(at(answer.body, 'proposed'))).toEqual(nearest);
        expect(at(answer.body, 'data', 'slots')).toEqual(Object.fromEntries(nearest.map(({ utcTime, capacity }) => [utcTime, capacity])));
      }
    }
  });

  it('are accepted as often as places are left by those who don’t ask, move away or cancel', async () => {
    await put('mixed', { slotDurationMinutes: 15, slotCapacity: PLACES });
    await api.settle();
    const unchecked = (await Promise.all([1, 2, 3].map((n) => book('mixed', NOON + n * MINUTE, false)))).map(idOf);
    const racers = (count: number) => Promise.all(Array.from({ length: count }, (_, n) => book('mixed', NOON + n * 1_000, true)));
    const taken = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 200).map(idOf);
    const first = taken(await racers(64));
    expect(first).toHaveLength(2);
    await cancel(unchecked[0] ?? '');
    expect((await move(first[0] ?? '', NOON + 60 * MINUTE)).status).toBe(200);
    expect(taken(await racers(64))).toHaveLength(2);
    await Promise.all([1, 2].map((n) => book('mixed', NOON + n * MINUTE, false)));
    expect(taken(await racers(32))).toHaveLength(0);
    expect((await availability('mixed')).find(({ utcTime }) => utcTime === iso(NOON))?.capacity).toBe(0);
    expect((await move(first[0] ?? '', NOON)).status).toBe(429);
  });

  it('never overbook while others book without asking, move and cancel, and duration and capacity change', async () => {
    const cuts = [
      { slotDurationMinutes: 15, slotCapacity: 5 },
      { slotDurationMinutes: 30, slotCapacity: 9 },
      { slotDurationMinutes: 30, slotCapacity: 2 },
      { slotDurationMinutes: 5, slotCapacity: 3 },
      { slotDurationMinutes: 60, slotCapacity: 30 },
    ];
    const changedAt: (bigint | undefined)[] = [];
    const cut = async (index: number) => {
      await put('all', cuts[index] ?? {});
      changedAt.push(await api.store.lastPosition());
    };
    await cut(0);
    await api.settle();
    const booked = new Set<string>();
    const done = { accepted: 0, refused: 0 };
    const note = (answer: Answer): void => {
      if (answer.status === 200) booked.add(idOf(answer));
      else expect(answer.status).toBe(429);
      done[answer.status === 200 ? 'accepted' : 'refused']++;
    };
    const worker = async (n: number) => {
      for (let round = 0; round < 3; round++) {
        const time = NOON + ((n * 7 + round * 13) % 45) * MINUTE;
        note(await book('all', time, n % 4 !== 0));
        const own = [...booked][(n * 31 + round) % Math.max(1, booked.size)];
        if (own === undefined) continue;
        if (n % 5 === 1) expect([200, 409, 429]).toContain((await move(own, NOON + ((n + round) % 45) * MINUTE)).status);
        if (n % 5 === 2) expect([200, 400]).toContain((await cancel(own)).status);
      }
    };
    const workers = Array.from({ length: 48 }, (_, n) => worker(n));
    for (let index = 1; index < cuts.length; index++) {
      const enough = done.accepted + done.refused + 30;
      await expect.poll(() => done.accepted + done.refused >= Math.min(enough, 140)).toBe(true);
      await cut(index);
    }
    await Promise.all(workers);
    expect(done.accepted).toBeGreaterThan(10);
    expect(done.refused).toBeGreaterThan(10);

    const events = await placesOf('all');
    for (const [index, { type, data, position }] of events.entries()) {
      if (type !== 'PlaceTaken' || !data.checked) continue;
      // The node goes by a change once it has folded it: what was decided around it may go by the one before.
      const last = changedAt.findLastIndex((changed) => changed !== undefined && changed <= position);
      const held = heldIn(events.slice(0, index));
      const fits = cuts.slice(Math.max(0, last - 1), last + 2).some(({ slotDurationMinutes, slotCapacity }) => {
        const slot = slotOf(Date.parse(data.instant), slotDurationMinutes, 'UTC');
        return load(held, slot, data.callbackId) < slotCapacity;
      });
      expect(fits, `place ${data.holdId} at ${data.instant}`).toBe(true);
    }
    const histories = await Promise.all(
      [...booked].map((id) => ask(api.url, 'POST', '/engagement/v3/callbacks/retrieve', { 'x-api-key': api.apiKey }, { id })),
    );
    const scheduled = histories.flatMap(({ body }) =>
      at(body, 'data', 'callbackState') === 'SCHEDULED' ? [[textAt(body, 'data', 'id'), textAt(body, 'data', 'desiredTime')]] : [],
    );
    const held = [...heldIn(events).values()].map(({ callbackId, instant }) => [callbackId, iso(instant)]);
    expect(held.sort()).toEqual(scheduled.sort());
  });
});
