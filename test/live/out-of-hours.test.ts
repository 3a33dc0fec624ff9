import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import type { ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import { type Configuration, evolve, initialConfiguration, settingsOf } from '../../src/domain/configuration/state.ts';
import { barredUntil } from '../../src/domain/dispatch/calling-hours.ts';
import { outOfHours } from '../../src/live/out-of-hours.ts';

/** Half an hour before the clocks change in most of Europe. */
const START = Date.parse('2026-03-29T00:30:00.000Z');
const DAY_MS = 86_400_000;
const zones = [null, '', 'Europe/Paris', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/New_York Asia/Tokyo'];
const calendars = ['Europe/Paris', 'Pacific/Auckland'];
const queues = ['sales', 'support'];

/** Two queues, the hours of each (null has none) and its calendar. */
type Rows = readonly { readonly localHours: { from: string; to: string } | null; readonly businessHours: string | null }[];
const configurationOf = (rows: Rows, zone: string): Configuration => {
  const at = iso(START);
  const events: readonly ConfigurationEvent[] = [
    { type: 'BusinessHoursCreated', data: { name: 'office', hours: { zone, weekly: {}, exceptions: [], holidays: [] }, at } },
    ...rows.map((settings, n) => ({ type: 'QueueCreated' as const, data: { queue: queues[n] ?? '', settings, at } })),
  ];
  return events.reduce((state, event, n) => evolve(state, { event, revision: BigInt(n), by: 'ann' }), initialConfiguration);
};

const hours = fc.constantFrom(
  null,
  { from: '08:00', to: '21:00' },
  { from: '22:00', to: '02:30' },
  { from: '08:00', to: '08:01' },
  { from: '01:30', to: '01:00' },
);
const row = fc.record({ localHours: hours, businessHours: fc.constantFrom(null, 'office') });
const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ rows: fc.tuple(row, row), zone: fc.constantFrom(...calendars) }) },
  {
    weight: 4,
    arbitrary: fc.record({ waitMs: fc.oneof(fc.integer({ min: -DAY_MS, max: DAY_MS }), fc.integer({ min: 0, max: 120_000 })) }),
  },
);

describe('whose local hours are over', () => {
  it('is as it is worked out anew for each, whenever that is asked and however hours, calendars and clocks move', () =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let [configuration, now] = [configurationOf([], 'UTC'), START];
        const out = outOfHours(() => configuration);
        for (const one of steps) {
          if ('rows' in one) configuration = configurationOf(one.rows, one.zone);
          else now += one.waitMs;
          for (const queue of queues) {
            const settings = settingsOf(configuration, queue);
            const told = out(queue, zones, now);
            for (const some of zones) {
              if (some === null) continue;
              const names = some === '' ? [] : some.split(' ');
              const barred = settings && barredUntil(configuration, settings, names, now);
              const until = told.get(some);
              expect(until === undefined).toBe(barred === undefined);
              // who shares no hour is looked at again within the day, whenever that was asked first
              if (barred !== until) expect([barred, (until ?? 0) > now]).toEqual([now + DAY_MS, true]);
            }
          }
        }
      }),
    ));
  it('is nobody’s whose zones aren’t known, and nobody’s in a queue without local hours', () => {
    const [always, bySettings] = [
      { localHours: null, businessHours: null },
      { localHours: { from: '08:00', to: '08:01' }, businessHours: null },
    ];
    const out = outOfHours(() => configurationOf([always, bySettings], 'UTC'));
    expect(out('sales', zones, START).size).toBe(0);
    expect(out('support', [null, 'Europe/Paris'], START)).toEqual(new Map([['Europe/Paris', Date.parse('2026-03-29T06:00:00.000Z')]]));
  });
});
