import { createHmac } from 'node:crypto';
import type { EventType } from '../../src/domain/catalogue.ts';
import { encode } from '../../src/eventstore/codec.ts';
import { keyringSealer } from '../../src/keys/sealer.ts';
import { context, sampleOf } from './samples.ts';

export const folder = new URL('../golden/events/', import.meta.url);
export const nameOf = (type: string, version: number): string => `${type}.v${version}.json`;

/** Seals under one key and one iv, so that the same event gives the same bytes: for golden files only. */
export const sealer = keyringSealer(
  {
    keyOf: async () => Buffer.alloc(32, 7),
    hash: (label, ...parts) =>
      createHmac('sha256', 'golden')
        .update(JSON.stringify([label, ...parts]))
        .digest('base64url'),
  },
  (bytes) => Buffer.alloc(bytes, 3),
);

/** The sample of a type as it is stored today: type, data, metadata. */
export const storedToday = async (type: EventType): Promise<unknown> => {
  const { data, metadata } = await encode(sealer, 'stream-1', 0, sampleOf(type), context);
  return JSON.parse(JSON.stringify({ type, data, metadata }));
};
