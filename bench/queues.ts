import { figuresOf, say } from './kit/figure.ts';
import { asking, bareReply, times } from './kit/over-http.ts';
import { asAdmin, asCenter, asClient, withFolder, withService } from './kit/service.ts';

const QUEUES = 1_000;
const CALENDARS = 20;
const PAGE = 250;
const ROUNDS = 150;

const figure = figuresOf('queues');
const { ask, close } = asking();

await withFolder((dir) =>
  withService(dir, async (service) => {
    say(
      `${QUEUES} queues on ${CALENDARS} calendars, each with 10 live calls and 32 that left, asked for one after the other over one connection from this process.`,
    );
    const put = (path: string, body: unknown, headers: Readonly<Record<string, string>>) =>
      ask(`${service.url}${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
    const make = (path: string, body: unknown) => put(path, body, { ...asAdmin, 'if-none-match': '*' });
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
      await make(`/api/queue-settings/${name}`, {
        businessHours: `office-${n % CALENDARS}`,
        immediateOfferHours: `office-${n % CALENDARS}`,
      });

    const now = Date.now();
    const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
    const waiting = Array.from({ length: 10 }, (_, n) => ({ enteredAt: ago(n), priority: 0 }));
    const distributedAt = Array.from({ length: 32 }, (_, n) => ago(n * 9));
    let sequence = 0;
    const tell = () => {
      sequence++;
      const queues = names.map((queue) => ({ queue, waiting, distributedAt }));
      return put('/contact-center/flow', { source: 'bench', sequence, queues }, asCenter);
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
    await compare('list/page-of-50', '/api/queues', asAdmin);
    await compare(`list/page-of-${PAGE}`, `/api/queues?limit=${PAGE}`, asAdmin);
    await compare('list/page-of-50-after-a-report', '/api/queues', asAdmin, tell, 30);
    const flags = 'queryImmediateOfferHours=true&returnWithinImmediateOfferTime=true&checkImmediateEnabled=true';
    await compare('open-for', `/engagement/v3/callbacks/open-for/${names[500]}?${flags}`, asClient);
    await compare('queue-status', `/engagement/v3/callbacks/queue-status/${names[500]}`, asClient);
    await compare(
      'estimated-wait-time/of-50',
      `/engagement/v3/estimated-wait-time?mode=mode1&virtual-queues=${names.slice(0, 50).join(',')}`,
      asClient,
    );
  }),
).finally(close);
