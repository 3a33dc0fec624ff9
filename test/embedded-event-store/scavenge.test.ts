import { join } from 'node:path';
import { streamNameFilter } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { all, count, numbered, revisions, take } from '../contract/reading.ts';
import { runCommand } from './child.ts';
import { inFolder } from './folder.ts';
import { startServer, type TestServer } from './server.ts';

const fill = async ({ client }: TestServer): Promise<void> => {
  await client.appendToStream('kept-1', count(10));
  await client.appendToStream('counted-1', count(3000));
  await client.setStreamMetadata('counted-1', { maxCount: 2 });
  await client.setStreamMetadata('counted-1', { maxCount: 3 });
  await client.appendToStream('deleted-1', count(10));
  await client.deleteStream('deleted-1');
  await client.appendToStream('ended-1', count(10));
  await client.setStreamMetadata('ended-1', { maxCount: 100 });
  await client.tombstoneStream('ended-1');
  await client.appendToStream('kept-1', count(10));
};

describe('a scavenge', () => {
  let server: TestServer;
  let positions: (bigint | undefined)[];
  beforeAll(async () => {
    server = await startServer();
    await fill(server);
    positions = (await all(server.client.readAll())).map(({ event }) => event?.position?.commit);
  });
  afterAll(() => server.stop());

  it('takes what no reader of a stream sees out of $all, while the server serves', async () => {
    const appending = Promise.all(count(50).map((event) => server.client.appendToStream('busy-1', event)));
    const { streams, events } = await server.server.scavenge();
    await appending;
    const left = (await all(server.client.readAll())).filter(({ event }) => event?.streamId !== 'busy-1');
    expect(events).toBe(positions.length - left.length);
    expect(streams).toBe(5); // counted-1, its metadata, deleted-1, ended-1, its metadata
    const of = (stream: string) => left.filter(({ event }) => event?.streamId === stream).map(({ event }) => event?.revision);
    expect(of('kept-1')).toHaveLength(20);
    expect(of('counted-1')).toEqual([2997n, 2998n, 2999n]);
    expect(of('$$counted-1')).toEqual([1n]);
    expect(of('deleted-1')).toEqual([]);
    expect(of('ended-1')).toEqual([9223372036854775807n]);
    expect((await server.server.scavenge()).events).toBe(0);
  });

  it('leaves every position one to read and to subscribe from', async () => {
    const left = (await all(server.client.readAll())).map(({ event }) => event?.position?.commit ?? 0n);
    for (const position of [positions[15], positions[1500], positions[3012], positions[3025]]) {
      if (position === undefined) throw new Error('there were so many');
      const from = { commit: position, prepare: position };
      const [first] = await all(server.client.readAll({ fromPosition: from, maxCount: 1 }));
      expect(first?.event?.position?.commit).toBe(left.find((p) => p >= position));
      const filter = streamNameFilter({ prefixes: ['kept-'] });
      const [next] = await take(server.client.subscribeToAll({ fromPosition: from, filter }), 1);
      expect(next?.event).toMatchObject({ streamId: 'kept-1', revision: 10n });
    }
  });

  it('lets streams go on with their revisions, also after a restart', () =>
    inFolder(async (dir) => {
      const first = await startServer(dir);
      await fill(first);
      await first.server.scavenge();
      await first.stop();
      const second = await startServer(dir);
      expect(await second.client.appendToStream('deleted-1', numbered(0), { expectedRevision: 'no_stream' })).toMatchObject({
        nextExpectedRevision: 10n,
      });
      expect(await second.client.appendToStream('counted-1', numbered(0), { expectedRevision: 2999n })).toMatchObject({
        nextExpectedRevision: 3000n,
      });
      expect(await revisions(second.client, 'counted-1')).toEqual([2998, 2999, 3000]);
      expect(await revisions(second.client, 'deleted-1')).toEqual([10]);
      await expect(second.client.appendToStream('ended-1', numbered(0))).rejects.toMatchObject({ type: 'stream-deleted' });
      await second.stop();
    }));

  it('can be asked for on the command line, of a server that runs or of none', () =>
    inFolder(async (dir) => {
      const running = await startServer(dir);
      await fill(running);
      const asked = await runCommand('--data', dir, '--scavenge');
      expect(asked.out).toBe('Scavenged 3019 events of 5 streams.\n');
      await running.client.setStreamMetadata('kept-1', { maxCount: 1 });
      await running.stop();
      const alone = await runCommand('--data', dir, '--scavenge');
      expect(alone).toMatchObject({ code: 0, out: 'Scavenged 19 events of 1 streams.\n' });
      const again = await startServer(dir);
      expect(await revisions(again.client, 'kept-1')).toEqual([19]);
      expect(await again.client.appendToStream('kept-1', numbered(0))).toMatchObject({ nextExpectedRevision: 20n });
      await again.stop();
    }));
});

describe('a backup', () => {
  it('is the store as it was at one moment, taken while appends go on', () =>
    inFolder(async (dir) => {
      const server = await startServer(join(dir, 'store'));
      await server.client.appendToStream('before', count(100));
      let stop = false;
      const appending = (async () => {
        while (!stop) await server.client.appendToStream('during', count(5));
      })();
      await server.server.backUp(join(dir, 'copy'));
      const command = await runCommand('--data', join(dir, 'store'), '--backup', join(dir, 'copy-by-command'));
      expect(command.out).toBe(`Copied to ${join(dir, 'copy-by-command')}.\n`);
      stop = true;
      await appending;
      const ids = (events: Awaited<ReturnType<typeof all>>) => events.map(({ event }) => event?.id);
      const original = ids(await all(server.client.readAll()));
      for (const copied of ['copy', 'copy-by-command']) {
        const copy = await startServer(join(dir, copied));
        const there = ids(await all(copy.client.readAll()));
        expect(there.length).toBeGreaterThan(100);
        expect(there).toEqual(original.slice(0, there.length));
        expect((await copy.client.appendToStream('before', numbered(0))).nextExpectedRevision).toBe(100n);
        await copy.stop();
      }
      await expect(server.server.backUp(join(dir, 'copy'))).rejects.toThrow('is not empty');
      await server.stop();
    }));
});
