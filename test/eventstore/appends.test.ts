import { jsonEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, type Door, freshStream, openDoor } from './door.ts';
import { context, sampleOf } from './samples.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const requeued = sampleOf('CallbackRequeued');
const by = (commandId: string) => ({ ...context, commandId });

describe('an append', () => {
  it('that expects a revision which moved on is refused, and says where the stream is', async () => {
    const streamId = freshStream('callback');
    expect(await door.store.append(streamId, [requeued], 3n, by('a'))).toEqual({ ok: false, actual: 'no-stream' });
    expect(await door.store.append(streamId, [requeued, requeued], 'no-stream', by('a'))).toMatchObject({ ok: true, revision: 1n });
    expect(await door.store.append(streamId, [requeued], 'no-stream', by('b'))).toEqual({ ok: false, actual: 1n });
    expect(await door.store.append(streamId, [requeued], 0n, by('b'))).toEqual({ ok: false, actual: 1n });
    expect(await door.store.append(streamId, [requeued], 1n, by('b'))).toMatchObject({ ok: true, revision: 2n });
    expect(await door.store.append(streamId, [requeued], 'any', by('c'))).toMatchObject({ ok: true, revision: 3n });
  });

  it('of several at one revision: one holds, the others are refused', async () => {
    const streamId = freshStream('callback');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => door.store.append(streamId, [requeued], 'no-stream', by(String(n)))),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await all(door.store.readStream(streamId))).toHaveLength(1);
  });

  it('keeps every event of it, or none', async () => {
    const streamId = freshStream('callback');
    const broken = { ...requeued, data: { ...requeued.data, at: 'noon' } };
    await expect(door.store.append(streamId, [requeued, broken as typeof requeued], 'no-stream', context)).rejects.toThrow();
    expect(await all(door.store.readStream(streamId))).toEqual([]);
  });

  it('for several commands carries the context of each', async () => {
    const streamId = freshStream('dispatch');
    await door.store.append(streamId, [requeued, requeued], 'no-stream', [by('a'), by('b')]);
    expect((await all(door.store.readStream(streamId))).map(({ metadata }) => metadata.commandId)).toEqual(['a', 'b']);
    await expect(door.store.append(streamId, [requeued, requeued], 'any', [by('c')])).rejects.toThrow('context');
  });

  it('answers the position at which the log has its last event', async () => {
    const streamId = freshStream('callback');
    const answer = await door.store.append(streamId, [requeued, requeued], 'no-stream', context);
    if (!answer.ok) throw new Error('not appended');
    expect(await door.store.lastPosition()).toBe(answer.position);
    expect(await door.store.idAt(answer.position)).toBe(answer.ids[1]);
    await door.client.setStreamMetadata(streamId, { maxCount: 10 });
    expect(await door.store.lastPosition()).toBe(answer.position); // followers get no system event, and would wait for ever
  });
});

describe('reading a stream', () => {
  it('gives nothing for one that is not there', async () => {
    expect(await all(door.store.readStream(freshStream('callback')))).toEqual([]);
  });
  it('gives what comes from a revision on, in order, and leaves out types that are not known', async () => {
    const streamId = freshStream('callback');
    await door.store.append(streamId, [requeued, requeued], 'no-stream', by('a'));
    await door.client.appendToStream(streamId, jsonEvent({ type: 'OfAnotherProgram', data: {} }));
    await door.store.append(streamId, [requeued], 2n, by('b'));
    expect((await all(door.store.readStream(streamId, { from: 1n }))).map(({ revision }) => revision)).toEqual([1n, 3n]);
  });
  it('refuses an event that newer code wrote', async () => {
    const streamId = freshStream('callback');
    const metadata = { version: 2, $correlationId: 'r', $causationId: 'c', commandId: 'c', actor: context.actor };
    await door.client.appendToStream(streamId, jsonEvent({ type: 'CallbackRequeued', data: requeued.data, metadata }));
    await expect(all(door.store.readStream(streamId))).rejects.toThrow('newer code');
  });
});

describe('positions', () => {
  it('the last of a stream is told without reading it; one that is not there has none', async () => {
    const streamId = freshStream('callback');
    expect(await door.store.lastOf(streamId)).toBeUndefined();
    const answer = await door.store.append(streamId, [requeued, requeued], 'no-stream', context);
    expect(await door.store.lastOf(streamId)).toEqual({ revision: 1n, position: answer.ok && answer.position });
  });
  it('between events and beyond the end there is no id', async () => {
    const last = (await door.store.lastPosition()) ?? 0n;
    for (const position of [last - 1n, last + 1n, last + 1_000_000n]) expect(await door.store.idAt(position)).toBeUndefined();
  });
});
