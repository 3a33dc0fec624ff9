import { randomUUID } from 'node:crypto';
import { empty } from '../protocol/wire.ts';
import { append } from './append.ts';
import type { Store } from './store.ts';
import { LOG_START } from './store.ts';
import { METADATA_TYPE } from './system-streams.ts';
import type { Writer } from './writer.ts';

const scavengesMetadata = { $maxAge: 2_592_000, $acl: { $r: '$ops', $w: [], $d: [], $mr: [], $mw: [] } };

/** Gives an empty store the one event that a new EventStoreDB holds. */
export const seed = async (store: Store, writer: Writer): Promise<void> => {
  if (store.end > LOG_START) return;
  await new Promise((resolve, reject) =>
    writer.enqueue({
      decide: (group) =>
        append(group, '$$$scavenges', 'no_stream', [
          {
            id: randomUUID(),
            type: METADATA_TYPE,
            contentType: 'application/json',
            data: Buffer.from(JSON.stringify(scavengesMetadata)),
            metadata: empty,
          },
        ]),
      answer: resolve,
      fail: reject,
    }),
  );
};
