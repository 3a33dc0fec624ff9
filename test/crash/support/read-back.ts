import { z } from 'zod';
import { ask } from './http.ts';
import type { Entry } from './ledger.ts';

const row = z.looseObject({
  id: z.string(),
  callbackState: z.string(),
  callbackReason: z.string().optional(),
  desiredTime: z.string(),
  phoneNumber: z.string(),
  serviceName: z.string(),
});
export type Row = z.output<typeof row>;
const page = z.object({ items: z.array(row), next: z.string().nullable(), total: z.int() });

const HOUR_MS = 3_600_000;

/** Every callback that the list shows, around today, page by page; undefined while it isn't answered. `query` narrows it. */
export const listed = async (url: string, query = ''): Promise<readonly Row[] | undefined> => {
  const from = new Date(Date.now() - 24 * HOUR_MS).toISOString();
  const to = new Date(Date.now() + 96 * HOUR_MS).toISOString();
  const rows: Row[] = [];
  for (let next = ''; ; ) {
    const answer = await ask('admin', 'GET', `${url}/api/callbacks?${next || `from=${from}&to=${to}&sort=id${query}`}`);
    if (answer?.status !== 200) return undefined;
    const { items, next: cursor } = page.parse(answer.body);
    rows.push(...items);
    if (cursor === null) return rows;
    next = `from=${from}&to=${to}&sort=id${query}&cursor=${encodeURIComponent(cursor)}`;
  }
};

const PARALLEL = 8;

/** One callback as its own stream gives it, without what the list doesn't show; undefined when it isn't there. */
export const folded = async (url: string, id: string): Promise<Row | undefined> => {
  const answer = await ask('admin', 'GET', `${url}/api/callbacks/${id}`);
  if (answer?.status !== 200) return undefined;
  const { metrics: _m, origin: _o, reference: _r, ...rest } = row.parse(answer.body);
  return row.parse(rest);
};

/** The folds of many callbacks, in the order of their ids. */
export const foldedAll = async (url: string, ids: readonly string[]): Promise<readonly (Row | undefined)[]> => {
  const rows: (Row | undefined)[] = [];
  for (let start = 0; start < ids.length; start += PARALLEL)
    rows.push(...(await Promise.all(ids.slice(start, start + PARALLEL).map((id) => folded(url, id)))));
  return rows;
};

const ENDS = ['AGENT', 'ATTEMPTS_EXHAUSTED', 'ABANDONED'];
const CANCELLED = 'CANCELLED_BY_CLIENT';

/** What is wrong with a callback that was acknowledged, now that all is quiet; a sentence, or nothing. */
export const entryFault = (entry: Entry, found: Row | undefined): string | undefined => {
  const { id, phoneNumber, queue, desired, cancelled } = entry;
  if (found === undefined) return `${id} is lost`;
  const { callbackState, callbackReason = '', desiredTime } = found;
  if (found.phoneNumber !== phoneNumber || found.serviceName !== queue) return `${id} is somebody else's`;
  if (callbackState !== 'COMPLETED') return `${id} is still ${callbackState}`;
  if (desired !== 'now' && !desired.includes(desiredTime)) return `${id} is for ${desiredTime}, not ${desired.join(' or ')}`;
  const allowed = cancelled === 'yes' ? [CANCELLED] : cancelled === 'no' ? ENDS : [CANCELLED, ...ENDS];
  return allowed.includes(callbackReason) ? undefined : `${id} is COMPLETED (${callbackReason}), and its cancel was answered: ${cancelled}`;
};
