import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configure } from '../../src/commands/configure.ts';
import { configurationView } from '../../src/live/configuration.ts';
import { type Door, openDoor } from '../eventstore/door.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const now = '2026-03-02T10:00:00.000Z';
const put = (slotCapacity: number, soFar?: Parameters<typeof configure>[4], store = door.store) => {
  const id = randomUUID();
  const context = { commandId: id, correlationId: id, causationId: id, actor: { kind: 'user', id: 'ann', name: 'ann' } } as const;
  const command = { type: 'PutQueueSettings', queue: 'sales', settings: { slotCapacity }, precondition: { ifMatch: '*' }, now } as const;
  return configure(store, slotCapacity === 0 ? { ...command, precondition: {} } : command, context, 'all', soFar);
};

it('a change that starts from what its node has folded comes to the same as one that reads everything, however far behind the node is', async () => {
  const view = configurationView();
  await put(0);
  for (let n = 1; n < 12; n++) {
    const fromPart = await put(n, view.soFar);
    const unchanged = await put(n);
    expect(fromPart).toMatchObject({ ok: true, changed: true });
    expect(unchanged).toMatchObject({ ok: true, changed: false });
    if (fromPart.ok && unchanged.ok) expect(fromPart.configuration).toEqual(unchanged.configuration);
    if (n % 4 === 0)
      for await (const event of door.store.readStream('configuration'))
        if (event.revision > (view.soFar().revision ?? -1n)) view.apply(event);
  }
});

it('a change that another came before is decided on that one, too', async () => {
  const view = configurationView();
  for await (const event of door.store.readStream('configuration')) view.apply(event);
  let raced = false;
  const append: typeof door.store.append = async (...args) => {
    if (!raced) {
      raced = true;
      await put(77);
    }
    return door.store.append(...args);
  };
  const done = await put(78, view.soFar, { ...door.store, append });
  expect(done).toMatchObject({ ok: true, changed: true });
  const last: unknown[] = [];
  for await (const event of door.store.readStream('configuration')) last.push(event.data);
  expect(last.at(-1)).toMatchObject({ changes: { slotCapacity: { before: 77, after: 78 } } });
});
