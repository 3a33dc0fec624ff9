import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue, type DomainEvent, type EventType } from '../../src/domain/catalogue.ts';
import { all, type Door, freshStream, openDoor } from './door.ts';
import { context, sampleNumber, sampleOf, samples } from './samples.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const types = Object.keys(catalogue).filter((type): type is EventType => type in catalogue);
const personalTypes = types.filter((type) => catalogue[type].personal.length > 0);

/** The sample of a type, sealed under a key of its own where it has personal fields. */
const keyed = async (type: EventType): Promise<DomainEvent> => {
  const event = sampleOf(type);
  if (catalogue[type].personal.length === 0) return event;
  const { keyId } = await door.keyring.takeKey();
  return { ...event, data: { ...event.data, keyId } } as DomainEvent; // every type with personal fields names its key
};
const appended = async (...events: DomainEvent[]) => {
  const streamId = freshStream('callback');
  const answer = await door.store.append(streamId, events, 'no-stream', context);
  if (!answer.ok) throw new Error('not appended');
  return { streamId, ...answer };
};
const read = (streamId: string, personal: boolean) => all(door.store.readStream(streamId, { personal }));
const bytesOf = async (streamId: string) => {
  const raw = await all(door.client.readStream(streamId));
  return JSON.stringify(raw.map(({ event }) => [event?.data, event?.metadata]));
};

describe('an event that was written and read', () => {
  it.each(types)('%s is what it was', async (type) => {
    const event = await keyed(type);
    const { streamId, revision, position, ids } = await appended(event);
    const [found] = await read(streamId, true);
    expect(found).toEqual({
      ...event,
      ...{ id: ids[0], streamId, revision, position },
      metadata: { ...context, version: catalogue[type].v },
    });
  });

  it('carries who, through which request, caused by what, and the reason only where one was given', async () => {
    const { reason: _, ...without } = context;
    const streamId = freshStream('callback');
    await door.store.append(streamId, [sampleOf('CallbackRequeued')], 'no-stream', without);
    const [raw] = await all(door.client.readStream(streamId));
    expect(raw?.event?.metadata).toEqual({
      version: 1,
      $correlationId: 'request-1',
      $causationId: 'cause-1',
      commandId: 'command-1',
      actor: { kind: 'user', id: 'u-1', name: 'ann' },
    });
    expect((await read(streamId, false))[0]?.metadata).toEqual({ ...without, version: 1 });
  });

  it('refuses to write what the catalogue does not take', async () => {
    const broken = { type: 'CallbackRequeued', data: { queue: 1, at: 'noon' } } as unknown as DomainEvent; // what the compiler forbids
    await expect(door.store.append(freshStream('callback'), [broken], 'no-stream', context)).rejects.toThrow('queue');
    const unknown = { type: 'Nothing', data: {} } as unknown as DomainEvent; // likewise
    await expect(door.store.append(freshStream('callback'), [unknown], 'no-stream', context)).rejects.toThrow('Nothing');
  });
});

describe.each(personalTypes)('personal fields of %s', (type) => {
  it('lie sealed: neither the digits of the number nor any other of their texts are in the stored bytes', async () => {
    const { streamId } = await appended(await keyed(type));
    const bytes = await bytesOf(streamId);
    for (const secret of [sampleNumber, sampleNumber.slice(1), sampleNumber.slice(2), 'green', 'push-target-1'])
      expect(bytes).not.toContain(secret);
    for (const name of catalogue[type].personal) expect(bytes).not.toContain(`"${name}"`);
  });
  it('read as null by those who do not ask for them', async () => {
    const { streamId } = await appended(await keyed(type));
    const [found] = await read(streamId, false);
    expect(found?.data).toMatchObject(Object.fromEntries(catalogue[type].personal.map((name) => [name, null])));
  });
  it('read as null once the key is forgotten, and the rest as it was', async () => {
    const event = await keyed(type);
    const { streamId } = await appended(event);
    await door.keyring.forget('keyId' in event.data ? event.data.keyId : '');
    const [found] = await read(streamId, true);
    const nulls = Object.fromEntries(catalogue[type].personal.map((name) => [name, null]));
    expect(found?.data).toEqual({ ...event.data, ...nulls });
  });
  it('are not written under a key that is lost', async () => {
    const event = await keyed(type);
    await door.keyring.forget('keyId' in event.data ? event.data.keyId : '');
    await expect(appended(event)).rejects.toThrow('is lost');
  });
  it('that were tampered with, or moved under another key, are refused', async () => {
    const { streamId } = await appended(await keyed(type));
    const [raw] = await all(door.client.readStream(streamId));
    const data = raw?.event?.data as { sealed: string; keyId: string }; // as the codec writes it
    const { keyId: otherKey } = await door.keyring.takeKey();
    const middle = Math.floor(data.sealed.length / 2);
    const flipped = data.sealed[middle] === 'A' ? 'B' : 'A';
    for (const changed of [{ sealed: data.sealed.slice(0, middle) + flipped + data.sealed.slice(middle + 1) }, { keyId: otherKey }]) {
      const copy = freshStream('callback');
      const metadata = raw?.event?.metadata as Record<string, unknown>; // likewise
      await door.client.appendToStream(copy, jsonEvent({ type, data: { ...data, ...changed }, metadata }));
      await expect(read(copy, true)).rejects.toThrow('tampered');
      await expect(read(copy, false)).resolves.toHaveLength(1);
    }
  });
});

describe('event ids', () => {
  const requeued = sampleOf('CallbackRequeued');
  it('are the same for the same command on the same stream, so that the same append again is the same append', async () => {
    const streamId = freshStream('callback');
    const events = [sampleOf('CallbackQueued'), requeued];
    const first = await door.store.append(streamId, events, 'no-stream', context);
    const again = await door.store.append(streamId, events, 'no-stream', context);
    expect(first.ok).toBe(true);
    expect(again).toEqual(first);
    expect(await read(streamId, false)).toHaveLength(2);
  });
  it('are the same although what is sealed looks different each time', async () => {
    const event = await keyed('CallbackBooked');
    const streamId = freshStream('callback');
    const first = await door.store.append(streamId, [event], 'no-stream', context);
    expect(await door.store.append(streamId, [event], 'no-stream', context)).toEqual(first);
  });
  it('differ for another decision, which conflicts', async () => {
    const streamId = freshStream('callback');
    await door.store.append(streamId, [requeued], 'no-stream', context);
    const other: DomainEvent = { type: 'CallbackRequeued', data: { ...samples.CallbackRequeued, queue: 'other' } };
    expect(await door.store.append(streamId, [other], 'no-stream', context)).toEqual({ ok: false, actual: 0n });
  });
  it('differ when only a personal field does', async () => {
    const event = await keyed('CallbackBooked');
    const streamId = freshStream('callback');
    await door.store.append(streamId, [event], 'no-stream', context);
    const other = { ...event, data: { ...event.data, phoneNumber: '+12125550124' } } as DomainEvent; // still a booking
    expect(await door.store.append(streamId, [other], 'no-stream', context)).toMatchObject({ ok: false });
  });
  it('differ by command, stream and place in the append', async () => {
    const streamId = freshStream('callback');
    const one = await appended(requeued, requeued);
    const elsewhere = await appended(requeued);
    const later = await door.store.append(streamId, [requeued], 'no-stream', { ...context, commandId: randomUUID() });
    const ids = [...one.ids, ...elsewhere.ids, ...(later.ok ? later.ids : [])];
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
