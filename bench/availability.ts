import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startClock } from '../src/clock.ts';
import { readConfig } from '../src/config.ts';
import { openLog } from '../src/log.ts';
import { startService } from '../src/service/start.ts';
import { asking, bareReply, times } from './over-http.ts';

const DAYS = 31;
const ROUNDS = 150;
const BOOKINGS = 400;
/** Until the read models have folded the bookings. */
const SETTLE_MS = 3_000;
const KEY = 'bench-bench-bench-bench-bench-bench-bench';
const TOKEN = 'token-token-token-token-token-token-token';

const figure = (name: string, value: number, unit: string, aim?: number): void =>
  console.log(
    JSON.stringify({ name: `availability/${name}`, value: Math.round(value * 100) / 100, unit, ...(aim === undefined ? {} : { aim }) }),
  );
const { ask, close } = asking();

const dir = await mkdtemp(join(tmpdir(), 'availability-bench-'));
try {
  console.error(
    `A month of slots of 5 minutes, ${BOOKINGS} of them booked, asked for one after the other over one connection from this process.`,
  );
  const config = readConfig({
    DATA_DIR: join(dir, 'data'),
    PORT: '0',
    SIMULATOR: 'off',
    LOG_LEVEL: 'error',
    BOOTSTRAP_API_KEY: KEY,
    BOOTSTRAP_ADMIN_TOKEN: TOKEN,
    BOOTSTRAP_API_KEY_LIMITS: '100000000,100000000',
  });
  const service = await startService({ config, clock: startClock(), log: openLog('error') });
  const admin = { authorization: `Bearer ${TOKEN}`, 'if-match': '*' };
  const client = { 'x-api-key': KEY };
  const settings = (slotCapacity: number) =>
    ask(`${service.url}/api/queue-settings/demo`, {
      method: 'PUT',
      headers: admin,
      body: JSON.stringify({ slotDurationMinutes: 5, slotCapacity }),
    });
  await settings(5);
  const tomorrow = Math.ceil(Date.now() / 86_400_000) * 86_400_000;
  const book = (n: number) =>
    ask(`${service.url}/engagement/v3/callbacks/create`, {
      method: 'POST',
      headers: client,
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
      headers: client,
    });

  const bytes = await get();
  const slots = bytes.toString().split('"utcTime"').length - 1;
  figure('slots', slots, 'slots');
  figure('reply', bytes.length / 1024, 'KiB');

  const bare = await bareReply(bytes);
  const getBare = () => ask(bare.url, { method: 'GET', headers: client });
  await times([getBare, get], 50);
  const say = async (name: string, rounds: number, before?: () => Promise<unknown>, aim?: number) => {
    const [ms = 0, bareMs = 0] = await times([get, getBare], rounds, before);
    figure(name, ms, 'ms');
    figure(`${name}/bare-reply`, bareMs, 'ms');
    figure(`${name}/of-bare-reply`, ms / bareMs, 'ratio', aim);
  };
  await say('month', ROUNDS, undefined, 3);
  let n = BOOKINGS;
  await say('month/after-a-booking', ROUNDS, () => book(n++), 3);
  await say('month/after-a-change-of-the-queue', 40, () => settings(5 + (n++ % 2)));
  await bare.close();
  await service.close();
} finally {
  close();
  await rm(dir, { recursive: true, force: true });
}
