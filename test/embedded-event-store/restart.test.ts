import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from './server.ts';

describe('a store that is closed and opened again', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'event-store-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('holds what was appended, and goes on where it was', async () => {
    const first = await startServer(dir);
    const appended = await first.client.appendToStream('order-1', [
      jsonEvent({ type: 'Placed', data: { n: 1 } }),
      jsonEvent({ type: 'Paid', data: { n: 2 } }),
    ]);
    await first.stop();

    const second = await startServer(dir);
    const next = await second.client.appendToStream('order-1', jsonEvent({ type: 'Sent', data: { n: 3 } }), { expectedRevision: 1n });
    const types: (string | undefined)[] = [];
    for await (const { event } of second.client.readStream('order-1')) types.push(event?.type);
    await second.stop();

    expect(types).toEqual(['Placed', 'Paid', 'Sent']);
    expect(next.nextExpectedRevision).toBe(2n);
    expect(next.position?.commit).toBeGreaterThan(appended.position?.commit ?? 0n);
  });

  it('knows an event id it was given before, whatever revision is expected', async () => {
    const event = jsonEvent({ type: 'Placed', data: {} });
    const first = await startServer(dir);
    const once = await first.client.appendToStream('order-2', event);
    await first.stop();

    const second = await startServer(dir);
    const twice = await second.client.appendToStream('order-2', event);
    const exactly = await second.client.appendToStream('order-2', event, { expectedRevision: 'no_stream' });
    await second.stop();

    expect(twice).toEqual(once);
    expect(exactly).toEqual(once);
  });
});
