import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, type ResolvedEvent, WrongExpectedVersionError } from '@eventstore/db-client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, count, numbered, take } from '../contract/reading.ts';
import { startServer, type TestServer } from './server.ts';

const connections = 4;
const expectation: fc.Arbitrary<'any' | 'no_stream' | 'last known'> = fc.constantFrom('any', 'no_stream', 'last known');
const step = fc.record({ stream: fc.nat(2), expected: expectation, events: fc.integer({ min: 1, max: 4 }) });
const lanes = fc.array(fc.array(step, { minLength: 5, maxLength: 25 }), { minLength: connections, maxLength: connections });

const seen = (events: readonly ResolvedEvent[]): string[] =>
  events.map(({ event }) => `${event?.streamId}@${event?.revision}:${event?.id}`);

describe('any interleaving of appends from many connections', () => {
  let server: TestServer;
  let clients: EventStoreDBClient[];
  beforeAll(async () => {
    server = await startServer();
    clients = Array.from({ length: connections }, () => EventStoreDBClient.connectionString(server.server.connectionString));
    for (const client of clients) await client.appendToStream('warm', numbered(0));
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.dispose()));
    await server.stop();
  });

  it('gives one order that every reader and subscriber sees, revisions without gaps, expected versions honoured exactly', () =>
    fc.assert(
      fc.asyncProperty(lanes, async (plan) => {
        const run = randomUUID();
        const { position: before } = await server.client.appendToStream(`begin-${run}`, numbered(0));
        if (!before) throw new Error('an append answers a position');
        const names = [0, 1, 2].map((n) => `stream${n}-${run}`);
        const last = new Map<string, bigint>();
        const accepted: { stream: string; ids: string[]; revision: bigint; position: bigint | undefined }[] = [];

        const lane = async (client: EventStoreDBClient, steps: (typeof plan)[number]): Promise<void> => {
          for (const { stream: n, expected, events } of steps) {
            const stream = names[n] ?? '';
            const known = last.get(stream);
            const expectedRevision = expected === 'last known' ? (known ?? 'no_stream') : expected;
            const appended = count(events);
            try {
              const { nextExpectedRevision, position } = await client.appendToStream(stream, appended, { expectedRevision });
              const first = nextExpectedRevision - BigInt(events) + 1n;
              if (expectedRevision !== 'any') expect(first).toBe(expectedRevision === 'no_stream' ? 0n : expectedRevision + 1n);
              accepted.push({ stream, ids: appended.map((e) => e.id), revision: first, position: position?.commit });
              if (nextExpectedRevision > (last.get(stream) ?? -1n)) last.set(stream, nextExpectedRevision);
            } catch (error) {
              if (!(error instanceof WrongExpectedVersionError)) throw error;
              expect(expectedRevision).not.toBe('any');
              expect(error.actualVersion).not.toBe(expectedRevision);
            }
          }
        };
        const live = server.client.subscribeToAll({ fromPosition: before });
        await Promise.all(clients.map((client, n) => lane(client, plan[n] ?? [])));
        const total = accepted.reduce((sum, { ids }) => sum + ids.length, 0);

        const read = await all(server.client.readAll({ fromPosition: before }));
        const order = read.slice(1);
        expect(order).toHaveLength(total);
        expect(seen(await take(live, total))).toEqual(seen(order));
        expect(seen(await take(server.client.subscribeToAll({ fromPosition: before }), total))).toEqual(seen(order));
        for (const name of names) {
          const own = order.filter(({ event }) => event?.streamId === name);
          expect(own.map(({ event }) => Number(event?.revision))).toEqual(own.map((_, n) => n));
          if (own.length === 0) continue;
          expect(seen(await all(server.client.readStream(name)))).toEqual(seen(own));
          expect(seen(await take(server.client.subscribeToStream(name), own.length))).toEqual(seen(own));
        }
        for (const { stream, ids, revision, position } of accepted) {
          const at = order.findIndex(({ event }) => event?.id === ids[0]);
          const together = order.slice(at, at + ids.length).map(({ event }) => event);
          expect(together.map((e) => e?.id)).toEqual(ids); // an append of many lies in one piece
          expect(together[0]).toMatchObject({ streamId: stream, revision });
          expect(together.at(-1)?.position?.commit).toBe(position);
        }
      }),
      { numRuns: 15 },
    ));
});
