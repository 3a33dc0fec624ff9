import { setTimeout } from 'node:timers/promises';
import { figuresOf, say } from './kit/figure.ts';
import { asking, bareReply, times } from './kit/over-http.ts';
import { asAdmin, asClient, withFolder, withService } from './kit/service.ts';

const DAYS = 31;
const ROUNDS = 150;
const BOOKINGS = 400;
/** Until the read models have folded the bookings. */
const SETTLE_MS = 3_000;

const figure = figuresOf('availability');
const { ask, close } = asking();

await withFolder((dir) =>
  withService(dir, async (service) => {
    say(`A month of slots of 5 minutes, ${BOOKINGS} of them booked, asked for one after the other over one connection from this process.`);
    const settings = (slotCapacity: number) =>
      ask(`${service.url}/api/queue-settings/demo`, {
        method: 'PUT',
        headers: { ...asAdmin, 'if-match': '*' },
        body: JSON.stringify({ slotDurationMinutes: 5, slotCapacity }),
      });
    await settings(5);
    const tomorrow = Math.ceil(Date.now() / 86_400_000) * 86_400_000;
    const book = (n: number) =>
      ask(`${service.url}/engagement/v3/callbacks/create`, {
        method: 'POST',
        headers: asClient,
        body: JSON.stringify({
          serviceName: 'demo',
          phoneNumber: '+15185550100',
          desiredTime: new Date(tomorrow + ((n * 7_919) % (DAYS * 1_440)) * 60_000).toISOString(),
        }),
      });
    for (let n = 0; n < BOOKINGS; n += 20) await Promise.all(Array.from({ length: 20 }, (_, i) => book(n + i)));
    await setTimeout(SETTLE_MS);
    const get = () =>
      ask(`${service.url}/engagement/v3/callbacks/availability/demo?startMS=${tomorrow}&numberOfDays=${DAYS}&reportBusy=true`, {
        method: 'GET',
        headers: asClient,
      });

    const bytes = await get();
    const slots = bytes.toString().split('"utcTime"').length - 1;
    figure('slots', slots, 'slots');
    figure('reply', bytes.length / 1024, 'KiB');

    const bare = await bareReply(bytes);
    const getBare = () => ask(bare.url, { method: 'GET', headers: asClient });
    await times([getBare, get], 50);
    const compare = async (name: string, rounds: number, before?: () => Promise<unknown>, aim?: number) => {
      const [ms = 0, bareMs = 0] = await times([get, getBare], rounds, before);
      figure(name, ms, 'ms');
      figure(`${name}/bare-reply`, bareMs, 'ms');
      figure(`${name}/of-bare-reply`, ms / bareMs, 'ratio', aim);
    };
    await compare('month', ROUNDS, undefined, 3);
    let n = BOOKINGS;
    await compare('month/after-a-booking', ROUNDS, () => book(n++), 3);
    await compare('month/after-a-change-of-the-queue', 40, () => settings(5 + (n++ % 2)));
    await bare.close();
  }),
).finally(close);
