import { setTimeout } from 'node:timers/promises';
import { defaultBehaviour } from '../src/integrations/simulator/behaviour.ts';
import { figuresOf, say } from './kit/figure.ts';
import { optionsOf } from './kit/options.ts';
import { quantile } from './kit/quantile.ts';
import { withFolder } from './kit/service.ts';
import { outsideOfService } from './kit/service-process.ts';

const { rate: RATE, seconds: SECONDS } = optionsOf({ rate: 100, seconds: 30 });
const QUEUES = Array.from({ length: 10 }, (_, n) => `q${n}`);
const AGENTS = 500;
/** Of the contact center against real ones: a conversation takes about 1.5 s. */
const SPEED = 100;
const AT_ONCE = 64;
/** Booked first, to see how long bookings take here; due in an hour. */
const TRIED = 300;
/** From the last booking until the first is due, at least. */
const REST_MS = 5_000;
const PATIENCE_MS = 120_000;

const figure = figuresOf('placed');
const everybodyAnswers = {
  ...defaultBehaviour,
  answerRates: { ANSWERED: 1, BUSY: 0, NO_ANSWER: 0, ANSWERING_MACHINE: 0, FAX: 0, ERROR_TONE: 0, INVALID_NUMBER: 0, FAILED: 0 },
};
const numberOf = (n: number): string => `+1${['212', '213', '312', '415', '518'][n % 5]}555${String(5_000 + (n % 5_000))}`;

/** When each callback's placement came, by its id (epoch ms). */
const placed = new Map<string, number>();

await withFolder((dir) =>
  outsideOfService(
    {
      ...{ dir, queues: QUEUES, agents: AGENTS, speed: SPEED, behaviour: everybodyAnswers },
      settings: { placeWithinSeconds: 10, ringLimitSeconds: 60 },
      heard: (message) => {
        if (message.type === 'attempt.place' && !placed.has(message.callbackId)) placed.set(message.callbackId, Date.now());
      },
    },
    async ({ book, cpuMs }) => {
      const count = RATE * SECONDS;
      say(
        `${count} scheduled callbacks become due at ${RATE} a second in ${QUEUES.length} queues, with ${AGENTS} agents: from the instant that each is due until attempt.place has come to a contact center in another process.`,
      );
      const due = new Map<string, number>();
      const bookAll = async (bookings: number, dueAt: (n: number) => number) => {
        let next = 0;
        const lane = async () => {
          for (let n = next++; n < bookings; n = next++) {
            const desiredTime = new Date(dueAt(n)).toISOString();
            const booked = await book({ serviceName: QUEUES[n % QUEUES.length] ?? '', phoneNumber: numberOf(n), desiredTime });
            if ('refused' in booked) throw new Error(`a booking was refused with ${booked.refused}`);
            due.set(booked.id, dueAt(n));
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, lane));
      };
      const begun = Date.now();
      await bookAll(TRIED, (n) => begun + 3_600_000 + n);
      const first = Date.now() + (2 * count * (Date.now() - begun)) / TRIED + REST_MS;
      const dueAt = (n: number) => Math.ceil(first + (n * 1_000) / RATE);
      await bookAll(count, dueAt);
      const workedBefore = await cpuMs();
      if (Date.now() > first) throw new Error('the first were due before the last were booked');
      const end = dueAt(count) + PATIENCE_MS;
      while (placed.size < count && Date.now() < end) await setTimeout(100);
      const worked = (await cpuMs()) - workedBefore;
      const late = [...placed].map(([id, at]) => at - (due.get(id) ?? Number.NaN));
      figure('callbacks', placed.size, 'callbacks', count);
      figure('p50', quantile(late, 0.5), 'ms');
      figure('p99', quantile(late, 0.99), 'ms', 1_000);
      figure('most', quantile(late, 1), 'ms');
      figure('work-of-the-service', worked / count, 'ms of all threads a callback');
      figure('early', late.filter((ms) => ms < 0).length, 'callbacks');
    },
  ),
);
