import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { entryOf } from '../src/commands/do-not-call.ts';
import { keyedHash } from '../src/keys/keyed-hash.ts';
import { doNotCallView } from '../src/live/do-not-call.ts';
import { figuresOf, say } from './kit/figure.ts';
import { optionsOf } from './kit/options.ts';
import { median, quantile } from './kit/quantile.ts';
import { asAdmin, asClient, withFolder, withService } from './kit/service.ts';

const { entries } = optionsOf({ entries: 1_000_000 });
const figure = figuresOf('do-not-call');
const PAGES = 40;
const CHANGES = 40;
const CHECKS = 200_000;
const PROBE_MS = 20;
/** A list that doesn't show the position that was asked for says that it is this far behind at least. */
const BEHIND_MS = 2_000;
const seconds = (begun: number): number => (performance.now() - begun) / 1000;
const numberOf = (n: number): string => `+1212${2_000_000 + n}`;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const hash = (...parts: Parameters<typeof keyedHash> extends readonly [Uint8Array, ...infer P] ? P : never): string =>
  keyedHash(Buffer.alloc(32, 7), ...parts);

/** What a node holds of the list, and what a check against it costs. */
const held = (): void => {
  for (let n = 0; n < CHECKS; n++) entryOf(hash, numberOf(n));
  collect();
  const before = process.memoryUsage();
  const view = doNotCallView();
  for (let n = 0; n < entries; n++) view.seed(entryOf(hash, numberOf(n)));
  collect();
  const after = process.memoryUsage();
  figure('held', (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6, 'MB');
  let listed = 0;
  const begun = performance.now();
  for (let n = 0; n < CHECKS; n++) if (view.has(entryOf(hash, numberOf(n * 2)))) listed++;
  figure('check', ((performance.now() - begun) / CHECKS) * 1e6, 'ns');
  if (listed !== Math.min(CHECKS, entries / 2)) throw new Error(`${listed} were listed`);
};

type Page = { readonly items: readonly unknown[]; readonly next: string | null; readonly position: string; readonly isBehind: boolean };
/** Asks for as long as it takes: `fetch` gives up after five minutes. Answers the body. */
const call = (url: string, method: string, body?: unknown, query = '', position = '0') =>
  new Promise<Page>((resolve, reject) => {
    const [sent, type] = typeof body === 'string' ? [body, 'text/csv'] : [JSON.stringify(body), 'application/json'];
    const about = body === undefined ? { 'x-position': position } : { 'content-type': type, 'content-length': Buffer.byteLength(sent) };
    const headers = { ...asAdmin, ...about };
    const asked = request(`${url}/api/do-not-call${query}`, { method, headers }, async (answer) => {
      const said = await text(answer);
      const [isBehind, at] = [Number(answer.headers['x-lag-ms']) >= BEHIND_MS, String(answer.headers['x-position'])];
      if ((answer.statusCode ?? 500) < 300) resolve({ ...(said === '' ? {} : JSON.parse(said)), isBehind, position: at });
      else reject(new Error(`${method}: ${answer.statusCode} ${said}`));
    });
    asked.on('error', reject).end(body === undefined ? undefined : sent);
  });

/** Milliseconds that bookings took while something else was done. */
const bookingsDuring = async (url: string, work: Promise<unknown>): Promise<readonly number[]> => {
  const took: number[] = [];
  const over = new AbortController();
  const done = work.finally(() => over.abort());
  while (!over.signal.aborted) {
    const begun = performance.now();
    const body = JSON.stringify({ serviceName: 'demo', phoneNumber: '+442079460152' });
    const headers = { ...asClient, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/engagement/v3/callbacks/create`, { method: 'POST', headers, body });
    await answer.text();
    took.push(performance.now() - begun);
    await setTimeout(PROBE_MS);
  }
  await done;
  return took;
};

const timed = async (count: number, run: (n: number) => Promise<unknown>): Promise<number> => {
  const took: number[] = [];
  for (let n = 0; n < count; n++) {
    const begun = performance.now();
    await run(n);
    took.push(performance.now() - begun);
  }
  return median(took);
};

const list = Array.from({ length: entries }, (_, n) => numberOf(n)).join('\n');

/** Puts the whole list and asks for it. */
const put = async (url: string): Promise<void> => {
  const begun = performance.now();
  const replaced = call(url, 'PUT', list);
  const took = await bookingsDuring(url, replaced);
  const { position } = await replaced;
  figure('put', seconds(begun), 's');
  figure('put/booking-meanwhile-p50', median(took), 'ms');
  figure('put/booking-meanwhile-p99', quantile(took, 0.99), 'ms');
  figure('put/booking-meanwhile-most', Math.max(...took), 'ms');
  while ((await call(url, 'GET', undefined, '?limit=1', position)).isBehind);
  figure('put/listed-after', seconds(begun), 's');
  let items = 0;
  for (let next: string | null | undefined; next !== null; ) {
    const page: Page = await call(url, 'GET', undefined, next === undefined ? '' : `?cursor=${next}`);
    items += page.items.length;
    next = page.next;
  }
  if (items !== entries) throw new Error(`${items} are listed`);
  figure('put/and-all-pages', seconds(begun), 's');
};

const pages = async (url: string): Promise<void> => {
  let next: string | null = null;
  const page = async () => {
    ({ next } = await call(url, 'GET', undefined, next === null ? '' : `?cursor=${next}`));
  };
  figure('page', await timed(PAGES, page), 'ms');
  const add = await timed(CHANGES, (n) => call(url, 'POST', { phoneNumber: `+1646${2_000_000 + n}` }));
  figure('add', add, 'ms');
  const remove = await timed(CHANGES, (n) => call(url, 'DELETE', { phoneNumber: `+1646${2_000_000 + n}` }));
  figure('remove', remove, 'ms');
};

await withFolder(async (dir) => {
  say(`A list of ${entries} numbers that nobody may call.`);
  held();
  let begun = performance.now();
  await withService(dir, async ({ url = '' }) => {
    figure('start/empty', seconds(begun), 's');
    collect();
    const before = process.memoryUsage().rss;
    await put(url);
    figure('put/rss-more', (process.memoryUsage().rss - before) / 1e6, 'MB');
    await pages(url);
    begun = performance.now();
    await call(url, 'PUT', list);
    figure('put/again', seconds(begun), 's');
  });
  begun = performance.now();
  await withService(dir, async () => {
    figure('start', seconds(begun), 's');
  });
});
