import { randomUUID } from 'node:crypto';
import {
  type EventStoreDBClient,
  jsonEvent,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askHolder } from '../../src/embedded/event-store/control.ts';
import { all, revisions, said } from '../contract/reading.ts';
import { type ChildServer, startChild } from './child.ts';
import { inFolder } from './folder.ts';
import * as model from './model.ts';

type Now = { model: model.Model; lastAppend: { stream: string; ids: string[] } | undefined };
type Real = { dir: string; server: ChildServer; client: EventStoreDBClient };
type Command = fc.AsyncCommand<Now, Real>;

const outcome = async (run: Promise<{ nextExpectedRevision?: bigint }>): Promise<model.ModelResult> => {
  try {
    const { nextExpectedRevision } = await run;
    return { kind: 'appended', revision: Number(nextExpectedRevision ?? -1) };
  } catch (error) {
    if (error instanceof WrongExpectedVersionError) return { kind: 'wrong-version' };
    if (error instanceof StreamDeletedError) return { kind: 'deleted' };
    throw error;
  }
};

const command = (name: string, run: (now: Now, real: Real) => Promise<void>): Command => ({ check: () => true, run, toString: () => name });

type Expected = 'any' | 'no_stream' | 'stream_exists' | 'last' | 'wrong';

const append = (stream: string, expected: Expected, events: number): Command =>
  command(`append ${events} to ${stream}, ${expected}`, async (now, { client }) => {
    const last = model.lastRevision(now.model, stream);
    const wanted: model.Expectation = expected === 'last' ? (last < 0 ? 'no_stream' : last) : expected === 'wrong' ? last + 2 : expected;
    const ids = Array.from({ length: events }, () => randomUUID());
    const expectedRevision = typeof wanted === 'number' ? BigInt(wanted) : wanted;
    const appended = ids.map((id) => jsonEvent({ id, type: 'E', data: {} }));
    const { model: next, result } = model.append(now.model, stream, wanted, ids);
    expect(await outcome(client.appendToStream(stream, appended, { expectedRevision }))).toEqual(result);
    now.model = next;
    if (result.kind === 'appended') now.lastAppend = { stream, ids };
  });

const appendAgain = (): Command =>
  command('the last append again', async (now, { client }) => {
    if (!now.lastAppend) return;
    const { stream, ids } = now.lastAppend;
    const { model: next, result } = model.append(now.model, stream, 'any', ids);
    const appended = ids.map((id) => jsonEvent({ id, type: 'E', data: {} }));
    expect(await outcome(client.appendToStream(stream, appended))).toEqual(result);
    now.model = next;
  });

const setMetadata = (stream: string, metadata: model.ModelMetadata): Command =>
  command(`metadata of ${stream}: ${JSON.stringify(metadata)}`, async (now, { client }) => {
    const { model: next, result } = model.setMetadata(now.model, stream, metadata, randomUUID());
    expect(await outcome(client.setStreamMetadata(stream, metadata))).toEqual(result);
    now.model = next;
  });

const remove = (stream: string, how: 'delete' | 'tombstone'): Command =>
  command(`${how} ${stream}`, async (now, { client }) => {
    const { model: next, result } = (how === 'delete' ? model.deleteStream : model.tombstone)(now.model, stream);
    const removal = how === 'delete' ? client.deleteStream(stream) : client.tombstoneStream(stream);
    expect(await outcome(removal.then(() => ({})))).toEqual(result);
    now.model = next;
  });

const readStream = (stream: string, from: number, count: number, backwards: boolean): Command =>
  command(`read ${stream} from ${from} ${backwards ? 'backwards' : 'forwards'}`, async (now, { client }) => {
    const seen = model.visible(now.model, stream);
    const direction = backwards ? 'backwards' : 'forwards';
    const read = revisions(client, stream, { fromRevision: BigInt(from), maxCount: count, direction });
    if (seen === 'missing') return expect(read).rejects.toBeInstanceOf(StreamNotFoundError);
    if (seen === 'deleted') return expect(read).rejects.toBeInstanceOf(StreamDeletedError);
    const there = backwards ? seen.filter((r) => r <= from).reverse() : seen.filter((r) => r >= from);
    expect(await read).toEqual(there.slice(0, count));
  });

const named = (stream: string, revision: number | bigint | undefined): string =>
  `${stream}@${Number(revision) >= 2 ** 63 ? Number.POSITIVE_INFINITY : Number(revision)}`;

const readAll = (): Command =>
  command('read $all', async (now, { client }) => {
    const read = (await all(client.readAll())).slice(1); // after the one that every store begins with
    expect(read.map(({ event }) => named(event?.streamId ?? '', event?.revision))).toEqual(
      now.model.log.map((e) => named(e.stream, e.revision)),
    );
    const ids = read.flatMap(({ event }) => (event?.type === 'E' ? [event.id] : []));
    expect(ids).toEqual(now.model.log.filter((e) => !e.stream.startsWith('$$') && Number.isFinite(e.revision)).map((e) => e.id));
  });

const subscribe = (stream: string): Command =>
  command(`subscribe to ${stream}`, async (now, { client }) => {
    const seen = model.visible(now.model, stream);
    if (!Array.isArray(seen)) return;
    const subscription = client.subscribeToStream(stream);
    const got: number[] = [];
    subscription.on('data', ({ event }) => got.push(Number(event?.revision)));
    await said(subscription, 'caughtUp');
    await new Promise((resolve) => setImmediate(resolve)); // "caught up" is said before the last events are handed over
    expect(got).toEqual(seen);
    await subscription.unsubscribe();
  });

const restart = (how: 'kill' | 'stop'): Command =>
  command(how, async (now, real) => {
    now.model = model.restart(now.model);
    await real.client.dispose();
    await real.server[how]();
    real.server = await startChild(real.dir);
    real.client = real.server.connect();
  });

const scavenge = (): Command =>
  command('scavenge', async (now, { dir }) => {
    expect(await askHolder(dir, { command: 'scavenge' })).toBeDefined();
    now.model = model.scavenge(now.model);
  });

const stream = fc.constantFrom('a-1', 'a-2', 'b');
const small = fc.integer({ min: 1, max: 4 });
const expected: fc.Arbitrary<Expected> = fc.constantFrom('any', 'any', 'no_stream', 'stream_exists', 'last', 'wrong');
const metadata = fc.record({ maxCount: small, truncateBefore: small }, { requiredKeys: [] });
const appends = fc.tuple(stream, expected, small).map(([s, e, n]) => append(s, e, n));
const commands = [
  appends,
  appends,
  appends,
  fc.constant(null).map(appendAgain),
  fc.tuple(stream, metadata).map(([s, m]) => setMetadata(s, m)),
  stream.map((s) => remove(s, 'delete')),
  fc.constantFrom('a-2').map((s) => remove(s, 'tombstone')),
  fc.tuple(stream, fc.nat(9), fc.integer({ min: 1, max: 20 }), fc.boolean()).map(([s, f, n, b]) => readStream(s, f, n, b)),
  fc.constant(null).map(readAll),
  stream.map(subscribe),
  fc.integer({ min: 0, max: 11 }).map((n) => (n === 0 ? restart('kill') : n === 1 ? restart('stop') : n === 2 ? scavenge() : readAll())),
];

describe('the event store does what a model of it does', () => {
  it(
    'whatever is appended, deleted, described, read, followed, scavenged, stopped and killed',
    () =>
      fc.assert(
        fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), (steps) =>
          inFolder(async (dir) => {
            const server = await startChild(dir);
            const real: Real = { dir, server, client: server.connect() };
            try {
              await fc.asyncModelRun(
                () => ({ model: { model: model.emptyModel, lastAppend: undefined }, real }),
                [...steps, readAll(), restart('kill'), readAll()],
              );
            } finally {
              await real.client.dispose();
              await real.server.stop();
            }
          }),
        ),
        { numRuns: 8, endOnFailure: false },
      ),
    120_000,
  );
});
