import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { type Answer, ask } from './http.ts';
import type { Entry, Ledger } from './ledger.ts';
import type { Random } from './random.ts';

const booked = z.object({ data: z.object({ id: z.string() }) });
/** The id that a booking was answered with. */
export const idIn = (answer: Answer): string | undefined => booked.safeParse(answer.body).data?.data.id;
const retrieved = z.object({ data: z.object({ callbackState: z.string(), phoneNumber: z.string() }) });

export type ClientOptions = {
  readonly url: string;
  /** `far` is booked for slots that are contended for, `near` for now and soon. */
  readonly queues: { readonly near: string; readonly far: string };
  readonly number: number;
  readonly random: Random;
  readonly ledger: Ledger;
  /** Instants that far bookings and moves contend for. */
  readonly farTimes: readonly string[];
  /** Ends the load; what was begun under an Idempotency-Key is repeated until it is answered. */
  readonly signal: AbortSignal;
};

const SOON_MS = 12_000;
const PAUSE_MS = [15, 70] as const;
const AGAIN_MS = 100;

/** A client that books, repeats, moves and cancels over HTTP, and keeps book of what was acknowledged. */
export const runClient = async ({ url, queues, number, random, ledger, farTimes, signal }: ClientOptions): Promise<void> => {
  const own: Entry[] = [];
  let count = 0;
  const fault = (what: string, answer: Answer) => ledger.faults.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
  const unknown = (answer: Answer | undefined): answer is undefined => answer === undefined || answer.status === 503;

  const book = async (when: 'now' | 'soon' | 'far', checked: boolean) => {
    count++;
    const queue = when === 'far' ? queues.far : queues.near;
    const phoneNumber = `+1212${String(2_000_000 + number * 100_000 + count)}`;
    const soon = new Date(Date.now() + random.between(500, SOON_MS)).toISOString();
    const desiredTime = when === 'now' ? undefined : when === 'soon' ? soon : random.one(farTimes);
    const body = { serviceName: queue, phoneNumber, desiredTime, alwaysCheckCapacity: checked, userData: { number, count } };
    const key: Record<string, string> = random.next() < 0.6 ? { 'idempotency-key': `client-${number}-${count}` } : {};
    const isKeyed = 'idempotency-key' in key;
    const create = () => ask('client', 'POST', `${url}/engagement/v3/callbacks/create`, body, key);
    let answer = await create();
    while (isKeyed && unknown(answer)) {
      ledger.repeats++;
      await setTimeout(AGAIN_MS);
      answer = await create();
    }
    if (unknown(answer)) {
      ledger.unknown++;
      return;
    }
    const id = idIn(answer);
    if (answer.status === 429 && checked) ledger.refused++;
    else if (answer.status !== 200 || id === undefined) fault('a booking', answer);
    else {
      if (ledger.entries.has(id)) ledger.faults.push(`two bookings were given the id ${id}`);
      const desired = desiredTime === undefined ? 'now' : [desiredTime];
      const entry: Entry = { id, queue, phoneNumber, isFar: when === 'far', desired, cancelled: 'no' };
      ledger.entries.set(id, entry);
      own.push(entry);
      if (isKeyed && random.next() < 0.2) await repeat(create, id);
    }
  };

  const repeat = async (create: () => Promise<Answer | undefined>, id: string) => {
    const again = await create();
    ledger.repeats++;
    if (!unknown(again) && idIn(again) !== id) fault(`the repeat of ${id}`, again);
  };

  const cancel = async (entry: Entry | undefined) => {
    if (entry === undefined) return;
    const answer = await ask('client', 'POST', `${url}/engagement/v3/callbacks/cancel`, { id: entry.id });
    if (answer?.status === 200) entry.cancelled = 'yes';
    else if (unknown(answer)) entry.cancelled = entry.cancelled === 'yes' ? 'yes' : 'maybe';
    else if (answer.status !== 400) fault(`cancelling ${entry.id}`, answer);
  };

  const move = async (entry: Entry | undefined) => {
    const desiredTime = random.one(farTimes);
    if (entry === undefined || desiredTime === undefined || entry.desired === 'now') return;
    const body = { desiredTime, alwaysCheckCapacity: true };
    const answer = await ask('client', 'POST', `${url}/api/callbacks/${entry.id}/reschedule`, body);
    if (answer?.status === 200) entry.desired = [desiredTime];
    else if (unknown(answer)) entry.desired = [...entry.desired, desiredTime];
    else if (answer.status !== 429 && answer.status !== 409) fault(`moving ${entry.id}`, answer);
  };

  const look = async (entry: Entry | undefined) => {
    if (entry === undefined) return;
    const answer = await ask('client', 'POST', `${url}/engagement/v3/callbacks/retrieve`, { id: entry.id });
    if (unknown(answer)) return;
    if (retrieved.safeParse(answer.body).data?.data.phoneNumber !== entry.phoneNumber) fault(`retrieving ${entry.id}`, answer);
  };

  while (!signal.aborted) {
    const action = random.next();
    if (action < 0.32) await book('now', false);
    else if (action < 0.5) await book('soon', false);
    else if (action < 0.62) await book('soon', true);
    else if (action < 0.74) await book('far', true);
    else if (action < 0.84) await cancel(random.one(own));
    else if (action < 0.92) await move(random.one(own.filter(({ isFar }) => isFar)));
    else await look(random.one(own));
    await setTimeout(random.between(...PAUSE_MS));
  }
};
