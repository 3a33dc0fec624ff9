import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { businessDayStream } from '../../src/domain/business-day/events.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { businessDaysView } from '../../src/live/business-days.ts';
import { seedBusinessDays } from '../../src/service/seed-business-days.ts';
import { type Desk, openDesk } from '../commands/desk.ts';
import { everyDay } from '../domain/time/hours.ts';
import { memoryLog } from '../live/log.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const DAY_MS = 86_400_000;
const START = Date.parse('2026-03-02T17:00:00.000Z');

/** So many business days of a queue, closed and purged one after another; answers when the last was closed. */
const days = async (queue: string, count: number): Promise<number> => {
  for (let n = 0; n < count; n++) {
    const closedAt = iso(START + n * DAY_MS);
    const data = { queue, day: closedAt.slice(0, 10), closedAt, at: closedAt };
    const events = [{ type: 'BusinessDayClosed', data } as const, { type: 'BusinessDayPurged', data } as const];
    await desk.store.append(businessDayStream(queue), events, 'any', desk.context());
  }
  return START + (count - 1) * DAY_MS;
};

describe('the ends of business days that a node starts from', () => {
  it('are the last of each queue that has any, however many there are', async () => {
    const ends = new Map([
      ['one', await days('one', 1)],
      ['five', await days('five', 5)],
      ['many', await days('many', 30)],
    ]);
    const seeded = new Map<string, number>();
    await seedBusinessDays(desk.store, { seed: (queue, closedAt) => void seeded.set(queue, closedAt) }, ['none', ...ends.keys()]);
    expect(seeded).toEqual(ends);
  });

  it('are those of a queue, too, that is gone by now: none of its days ends again', async () => {
    const [view, log] = [businessDaysView(), memoryLog()];
    const closed = await days('gone', 3);
    const hours = { zone: 'UTC', weekly: everyDay([['09:00', '17:00']]), exceptions: [], holidays: [] };
    const at = iso(START - 3_600_000);
    const configuration = log.append(
      'configuration',
      { type: 'BusinessHoursCreated', data: { name: 'office', hours, at } },
      { type: 'QueueCreated', data: { queue: 'gone', settings: { businessHours: 'office' }, at } },
      { type: 'QueueDeleted', data: { queue: 'gone', settings: {}, at: iso(closed + 3_600_000) } },
    );
    for (const event of configuration) view.apply(event);
    await seedBusinessDays(desk.store, view, view.queues());
    expect(view.nextEnd('gone')).toBeNull();
    expect(view.unrecorded('gone', closed + DAY_MS)).toBeUndefined();
  });

  it('are read of several queues at once, and of not too many', async () => {
    let [reading, most] = [0, 0];
    const lastOf: EventStore['lastOf'] = async (streamId) => {
      most = Math.max(most, ++reading);
      return desk.store.lastOf(streamId).finally(() => void reading--);
    };
    const asked: string[] = [];
    const readStream: EventStore['readStream'] = (streamId, options) => {
      asked.push(streamId);
      return desk.store.readStream(streamId, options);
    };
    const queues = Array.from({ length: 200 }, (_, n) => `queue-${n}`);
    await days('queue-150', 1);
    await seedBusinessDays({ lastOf, readStream }, { seed: () => {} }, queues);
    expect(asked).toEqual([businessDayStream('queue-150')]);
    expect(most).toBeGreaterThan(8);
    expect(most).toBeLessThanOrEqual(64);
  });
});
