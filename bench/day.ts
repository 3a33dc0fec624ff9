import { createReadStream } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { arrivalInstants, type Interval } from '../src/demo/arrivals.ts';
import { planBookings } from '../src/demo/plan.ts';
import { figuresOf, say } from './kit/figure.ts';
import { optionsOf } from './kit/options.ts';
import { withFolder } from './kit/service.ts';
import { type Outside, outsideOfService } from './kit/service-process.ts';

const {
  file = fileURLToPath(new URL('../examples/arrivals.csv', import.meta.url)),
  calls,
  rate,
} = optionsOf({ file: undefined, calls: 445_000, rate: 600 });

const DAY = '2026-01-01';
const DAY_MS = 86_400_000;
const MIDNIGHT = Date.parse(`${DAY}T00:00:00Z`);
/** How many times as fast as the day the bookings come: so that they are `rate` a second over the whole of it. */
const SPEED = (DAY_MS / 1_000 / calls) * rate;
const QUEUES = Array.from({ length: 10 }, (_, n) => `q${n}`);
const AGENTS = 300;
/** Of the contact center against real ones: ringing, talking and wrapping up take an agent about a quarter of a second. */
const CENTER_SPEED = 1_000;
const SCHEDULED = 0.2;
const AT_ONCE = 64;
/** A desired time lies at least so far ahead, or it would have passed when its booking is read. */
const AHEAD_MS = 2_000;
/** Retries soon, and nobody given up because this machine is slow. */
const SETTINGS = {
  ...{ maxDialAttempts: 3, dialRetryMinutes: 0.05, callbackPurgeMinutes: 10_080 },
  ...{ placeWithinSeconds: 600, ringLimitSeconds: 600, reportLimitSeconds: 600 },
};
const OPEN = ['SCHEDULED', 'QUEUED', 'ROUTING', 'PROCESSING'] as const;
const LOOK_MS = 500;
const SAY_MS = 10_000;
/** It is given up when those who wait haven't become fewer for so long. */
const STUCK_MS = 120_000;

const figure = figuresOf('day');
const row = z.object({ interval: z.coerce.number().int().min(1).max(240), calls: z.coerce.number().int().min(0) });
const page = z.object({
  items: z.array(z.object({ callbackState: z.string(), callbackReason: z.string().nullish() })),
  next: z.string().nullish(),
});

/** The calls of all days of a file, by interval of the day, in those proportions scaled to so many. */
const profileOf = async (path: string, wanted: number): Promise<readonly Interval[]> => {
  const sums = new Map<number, number>();
  for await (const record of createReadStream(path).pipe(parse({ columns: true, bom: true, trim: true, skip_empty_lines: true }))) {
    const { interval, calls: more } = row.parse(record);
    sums.set(interval, (sums.get(interval) ?? 0) + more);
  }
  const all = [...sums.values()].reduce((a, b) => a + b, 0);
  if (all === 0) throw new Error(`${path} has no calls`);
  let before = 0;
  return [...sums].map(([interval, some]) => {
    const from = Math.round((before * wanted) / all);
    before += some;
    return { interval, calls: Math.round((before * wanted) / all) - from };
  });
};

/** Books the day's callbacks in its pace; where the service is slower than that, the day stands still. */
const playDay = async ({ book }: Outside, intervals: readonly Interval[]) => {
  const bookings = planBookings(arrivalInstants(intervals, DAY, 1), { day: DAY, seed: 1, share: 1, scheduled: SCHEDULED });
  const under = new Set<Promise<void>>();
  const played = { booked: 0, refused: 0, begun: Date.now() };
  let offset = Date.now();
  let told = offset;
  for (const [n, { instant, desiredTime, phoneNumber }] of bookings.entries()) {
    const at = (virtual: number) => offset + (virtual - MIDNIGHT) / SPEED;
    if (at(instant) > Date.now()) await setTimeout(at(instant) - Date.now());
    while (under.size >= AT_ONCE) await Promise.race(under);
    offset += Math.max(0, Date.now() - at(instant));
    const desired = desiredTime === undefined ? undefined : Math.max(at(Date.parse(desiredTime)), Date.now() + AHEAD_MS);
    const booking = { serviceName: QUEUES[n % QUEUES.length] ?? '', phoneNumber };
    const asked: Promise<void> = book(desired === undefined ? booking : { ...booking, desiredTime: new Date(desired).toISOString() })
      .then((answer) => {
        if ('id' in answer) played.booked++;
        else played.refused++;
      })
      .finally(() => under.delete(asked));
    under.add(asked);
    if (Date.now() - told < SAY_MS) continue;
    told = Date.now();
    say(`${new Date(instant).toISOString().slice(11, 16)} of the day: ${n} of ${bookings.length} booked`);
  }
  await Promise.all(under);
  return played;
};

/** One page of the day's list. */
const listed = async ({ url, ask }: Outside, query: Readonly<Record<string, string>>) => {
  const period = { from: new Date(Date.now() - DAY_MS).toISOString(), to: new Date(Date.now() + DAY_MS).toISOString() };
  const answer = await ask('admin', 'GET', `${url}/api/callbacks?${new URLSearchParams({ ...period, sort: 'id', ...query })}`);
  return page.parse(answer?.body);
};

/** How many of the listed are COMPLETED, by reason. */
const completedOf = async (outside: Outside): Promise<Map<string, number>> => {
  const reasons = new Map<string, number>();
  for (let cursor: string | null | undefined = ''; typeof cursor === 'string'; ) {
    const query: Record<string, string> = { state: 'COMPLETED', limit: '250', ...(cursor === '' ? {} : { cursor }) };
    const { items, next } = await listed(outside, query);
    for (const { callbackReason } of items) reasons.set(String(callbackReason), (reasons.get(String(callbackReason)) ?? 0) + 1);
    cursor = next;
  }
  return reasons;
};

/** How many are in line or on their way, by the metrics. */
const underWay = async ({ url }: Outside): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const values = [...text.matchAll(/^ringback_(?:callbacks_waiting|attempts_in_flight)\{[^}]*\} (\d+)$/gm)];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
};

/** Settles once the list has nobody open any more; rejects when those who wait don't get fewer. */
const allOver = async (outside: Outside): Promise<void> => {
  let [fewest, changedAt] = [Number.POSITIVE_INFINITY, Date.now()];
  for (;;) {
    const open = await Promise.all(OPEN.map((state) => listed(outside, { state, limit: '1' })));
    if (open.every(({ items }) => items.length === 0)) return;
    const left = await underWay(outside);
    if (left < fewest) [fewest, changedAt] = [left, Date.now()];
    if (Date.now() - changedAt > STUCK_MS) throw new Error(`${left} callbacks never come to an end`);
    await setTimeout(LOOK_MS);
  }
};

await withFolder(async (dir) => {
  const intervals = await profileOf(file, calls);
  await outsideOfService({ dir, queues: QUEUES, settings: SETTINGS, agents: AGENTS, speed: CENTER_SPEED }, async (outside) => {
    say(
      `A day of ${calls} calls in the proportions of ${file}, each a callback, a fifth of them for later; at ${rate} a second over the day if the service keeps up, with ${AGENTS} agents whose conversations are ${CENTER_SPEED} times as short as real ones.`,
    );
    const before = await outside.cpuMs();
    const { booked, refused, begun } = await playDay(outside, intervals);
    const bookedMs = Date.now() - begun;
    await allOver(outside);
    const tookMs = Date.now() - begun;
    const worked = (await outside.cpuMs()) - before;
    const reasons = await completedOf(outside);
    const completed = [...reasons.values()].reduce((a, b) => a + b, 0);
    figure('end-to-end', (completed * 1_000) / tookMs, 'callbacks/s');
    figure('booked', (booked * 1_000) / bookedMs, 'callbacks/s');
    figure('completed', completed, 'callbacks', booked);
    figure('refused', refused, 'bookings', 0);
    for (const [reason, count] of reasons) figure(`completed/${reason}`, count, 'callbacks');
    figure('work-of-the-service', worked / Math.max(1, completed), 'ms of all threads a callback');
    figure('peak-memory', await outside.peakMemory(), 'MiB');
  });
});
