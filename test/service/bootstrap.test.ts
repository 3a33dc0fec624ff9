import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure } from '../../src/commands/configure.ts';
import { CONFIGURATION_STREAM } from '../../src/domain/configuration/events.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { bootstrapConfiguration } from '../../src/service/bootstrap.ts';
import { all, type Door, openDoor } from '../eventstore/door.ts';
import { manualClock } from '../support/manual-clock.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const clock = manualClock(Date.parse('2026-03-02T10:00:00.000Z'));
const depsOn = (store: EventStore) => ({ store, keyring: door.keyring, clock, newId: randomUUID });
const facts = async () =>
  (await all(door.store.readStream(CONFIGURATION_STREAM))).map(({ type, data }) => [type, 'queue' in data && data.queue]);

describe('what a first start makes', () => {
  it('is one append: a start that dies before or after it leaves nothing or all of it', async () => {
    let appends = 0;
    const dying: EventStore = {
      ...door.store,
      append: () => {
        appends++;
        return Promise.reject(new Error('killed'));
      },
    };
    await expect(bootstrapConfiguration(depsOn(dying))).rejects.toThrow('killed');
    expect(appends).toBe(1);
    expect(await facts()).toEqual([]);
    await bootstrapConfiguration(depsOn(door.store));
    expect(await facts()).toEqual([
      ['BusinessHoursCreated', false],
      ['QueueCreated', 'default'],
      ['QueueCreated', 'demo'],
    ]);
  });

  it('is made once, also by nodes that start at the same time', async () => {
    const other = await openDoor();
    try {
      await Promise.all([1, 2, 3].map(() => bootstrapConfiguration(depsOn(other.store))));
      expect(await all(other.store.readStream(CONFIGURATION_STREAM))).toHaveLength(3);
    } finally {
      await other.close();
    }
  });

  it('leaves what is there as it is, and adds what is missing', async () => {
    const now = '2026-03-02T10:00:01.000Z';
    const context = {
      commandId: randomUUID(),
      correlationId: 'c',
      causationId: 'c',
      actor: { kind: 'user', id: 'u', name: 'ann' },
    } as const;
    const change = { type: 'PutQueueSettings', queue: 'default', precondition: { ifMatch: '*' }, now } as const;
    const settings = { businessHours: 'always', callbackApplication: 'ringback', slotCapacity: 9 };
    await configure(door.store, { ...change, settings }, context);
    const gone = { type: 'DeleteQueue', queue: 'demo', openCallbacks: 0, precondition: { ifMatch: '*' }, now } as const;
    await configure(door.store, gone, { ...context, commandId: randomUUID() });
    const before = await facts();
    await bootstrapConfiguration(depsOn(door.store));
    expect((await facts()).slice(before.length)).toEqual([['QueueCreated', 'demo']]);
  });
});
