import { jsonEvent } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { all } from '../contract/reading.ts';
import { startChild } from './child.ts';
import { inFolder } from './folder.ts';

describe('a server that is killed while it writes', () => {
  it('has everything it acknowledged when it starts again, in streams without gaps', () =>
    inFolder(async (dir) => {
      const acknowledged: { stream: string; revision: bigint; id: string }[] = [];
      for (let round = 0; round < 3; round++) {
        const server = await startChild(dir);
        const client = server.connect();
        await client.appendToStream('warm', jsonEvent({ type: 'E', data: {} }));
        let killed = false;
        const enough = acknowledged.length + 300;
        const lane = async (n: number): Promise<void> => {
          while (!killed) {
            const event = jsonEvent({ type: 'E', data: { text: 'x'.repeat(300) } });
            const stream = `lane-${n}`;
            try {
              const { nextExpectedRevision } = await client.appendToStream(stream, event);
              acknowledged.push({ stream, revision: nextExpectedRevision, id: event.id });
            } catch {
              return; // the one that was under way may or may not be there
            }
            if (acknowledged.length >= enough && !killed) {
              killed = true;
              await server.kill();
            }
          }
        };
        await Promise.all(Array.from({ length: 16 }, (_, n) => lane(n)));
        await client.dispose();
      }

      const server = await startChild(dir);
      const client = server.connect();
      const streams = new Map<string, (string | undefined)[]>();
      for (let n = 0; n < 16; n++)
        streams.set(
          `lane-${n}`,
          (await all(client.readStream(`lane-${n}`))).map(({ event }) => event?.id),
        );
      for (const { stream, revision, id } of acknowledged) expect(streams.get(stream)?.[Number(revision)]).toBe(id);
      const everything = await all(client.readAll());
      for (const [stream, ids] of streams) {
        expect(everything.filter(({ event }) => event?.streamId === stream).map(({ event }) => event?.id)).toEqual(ids);
      }
      await client.dispose();
      await server.stop();
    }));
});
