import { randomUUID } from 'node:crypto';
import { jsonEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bookCallback } from '../../src/commands/book.ts';
import { configure } from '../../src/commands/configure.ts';
import { fold, handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { callbackStream } from '../../src/domain/callback/events.ts';
import { CONFIGURATION_STREAM } from '../../src/domain/configuration/events.ts';
import { type Desk, idOf, openDesk, typesOf } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

/** An event of a type that only newer code knows, as a node that was upgraded first appends it. */
const appendNewer = (streamId: string) =>
  desk.client.appendToStream(streamId, [jsonEvent({ id: randomUUID(), type: 'OfANewerVersion', data: {}, metadata: {} })]);

it('a command is carried out on a stream whose last event only newer code knows', async () => {
  const { deps, request } = desk.deskFor();
  const id = idOf(await bookCallback(deps, request(), desk.context()));
  const appended = await appendNewer(callbackStream(id));
  expect(await fold(deps.store, callbackKind, callbackStream(id))).toMatchObject({ revision: 2n, position: appended.position?.commit });
  const cancel = { type: 'CancelCallback', by: 'client', now: new Date(desk.clock.now()).toISOString() } as const;
  expect(await handle(deps.store, callbackKind, callbackStream(id), cancel, desk.context())).toMatchObject({ ok: true });
  expect(typesOf(await desk.historyOf(id))).toEqual(['CallbackBooked', 'CallbackQueued', 'CallbackCancelled']);
});

it('a setting is changed after a change that only newer code knows', async () => {
  await appendNewer(CONFIGURATION_STREAM);
  const now = new Date(desk.clock.now()).toISOString();
  const hours = { zone: 'UTC', weekly: { mon: 'all-day' as const }, exceptions: [], holidays: [] };
  expect(await configure(desk.store, { type: 'CreateBusinessHours', name: 'newer', hours, now }, desk.context())).toMatchObject({
    ok: true,
  });
});
