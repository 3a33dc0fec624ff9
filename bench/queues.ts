import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClock } from '../src/clock.ts';
import { readConfig } from '../src/config.ts';
import { openLog } from '../src/log.ts';
import { startService } from '../src/service/start.ts';
import { asking, bareReply, times } from './over-http.ts';

const QUEUES = 1_000;
const CALENDARS = 20;
const PAGE = 250;
const ROUNDS = 150;
const KEY = 'bench-bench-bench-bench-bench-bench-bench';
const TOKEN = 'token-token-token-token-token-token-token';
const CONNECTOR = 'center-center-center-center-center-center';

const figure = (name: string, value: number, unit: string, aim?: number): void =>
  console.log(
    JSON.stringify({ name: `queues/${name}`, value: Math.round(value * 100) / 100, unit, ...(aim === undefined ? {} : { aim }) }),
  );

const { ask, close } = asking();
const dir = await mkdtemp(join(tmpdir(), 'queues-bench-'));
try {
  console.error(
    `${QUEUES} queues on ${CALENDARS} calendars, each with 10 live calls and 32 that left, asked for one after the other over one connection from this process.`,
  );
  const config = readConfig({
    ...{ DATA_DIR: join(dir, 'data'), PORT: '0', SIMULATOR: 'off', LOG_LEVEL: 'error' },
    ...{ BOOTSTRAP_API_KEY: KEY, BOOTSTRAP_ADMIN_TOKEN: TOKEN, BOOTSTRAP_CONNECTOR_KEY: CONNECTOR },
  });
  const service = await startService({ config, clock: startClock(), log: openLog('error') });
  const admin = { authorization: `Bearer ${TOKEN}` };
  const put = (path: string, body: unknown, headers: Readonly<Record<string, string>>) =>
    ask(`${service.url}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
  const make = (path: string, body: unknown) => put(path, body, { ...admin, 'if-none-match': '*' });
  const weekdays = Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((day) => [
      day,
      [
        ['00:30', '12:00'],
        ['12:30', '23:45'],
      ],
    ]),
  );
  for (let n = 0; n < CALENDARS; n++)
    await make(`/api/business-hours/office-${n}`, {
      ...{ zone: n % 2 === 0 ? 'Europe/Paris' : 'America/Santiago', weekly: weekdays },
      holidays: [{ country: 'FR' }],
    });
  const names = Array.from({ length: QUEUES }, (_, n) => `queue-${String(n).padStart(4, '0')}`);
  for (const [n, name] of names.entries())
    await make(`/api/queue-settings/${name}`, { businessHours: `office-${n % CALENDARS}`, immediateOfferHours: `office-${n % CALENDARS}` });

  const now = Date.now();
  const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  const waiting = Array.from({ length: 10 }, (_, n) => ({ enteredAt: ago(n), priority: 0 }));
  const distributedAt = Array.from({ length: 32 }, (_, n) => ago(n * 9));
  let sequence = 0;
  const tell = () => {
    sequence++;
    const queues = names.map((queue) => ({ queue, waiting, distributedAt }));
    return put('/contact-center/flow', { source: 'bench', sequence, queues }, { 'x-api-key': CONNECTOR });
  };
  await tell();

  const compare = async (
    name: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    before?: () => Promise<unknown>,
    rounds = ROUNDS,
  ) => {
    const get = () => ask(`${service.url}${path}`, { method: 'GET', headers });
    const bytes = await get();
    const bare = await bareReply(bytes);
    const getBare = () => ask(bare.url, { method: 'GET', headers });
    await times([getBare, get], 50);
    const [ms = 0, bareMs = 0] = await times([get, getBare], rounds, before);
    figure(`${name}/reply`, bytes.length / 1024, 'KiB');
    figure(name, ms, 'ms');
    figure(`${name}/bare-reply`, bareMs, 'ms');
    figure(`${name}/of-bare-reply`, ms / bareMs, 'ratio', 3);
    await bare.close();
  };
  await compare('list/page-of-50', '/api/queues', admin);
  await compare(`list/page-of-${PAGE}`, `/api/queues?limit=${PAGE}`, admin);
  await compare('list/page-of-50-after-a-report', '/api/queues', admin, tell, 30);
  const client = { 'x-api-key': KEY };
  const flags = 'queryImmediateOfferHours=true&returnWithinImmediateOfferTime=true&checkImmediateEnabled=true';
  await compare('open-for', `/engagement/v3/callbacks/open-for/${names[500]}?${flags}`, client);
  await compare('queue-status', `/engagement/v3/callbacks/queue-status/${names[500]}`, client);
  await compare(
    'estimated-wait-time/of-50',
    `/engagement/v3/estimated-wait-time?mode=mode1&virtual-queues=${names.slice(0, 50).join(',')}`,
    client,
  );
  await service.close();
} finally {
  close();
  await rm(dir, { recursive: true, force: true });
}
