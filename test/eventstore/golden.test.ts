import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue, type EventType, specOf } from '../../src/domain/catalogue.ts';
import { decode } from '../../src/eventstore/codec.ts';
import { folder, nameOf, sealer, storedToday } from './golden.ts';
import { context, samples } from './samples.ts';

const types = Object.keys(catalogue).filter((type): type is EventType => type in catalogue);
const files = readdirSync(folder).sort();
const read = (file: string): { type: string; data: unknown; metadata: { version: number } } =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8'));

/** What an older version's file reads as today, where that isn't the sample of its type: `<Type>.v<version>` → data. */
const { zones, ...bookedAnywhere } = samples.CallbackBooked;
const { claim, origin, nameRecording, reference, ...bookedBefore } = bookedAnywhere;
const { queue, ...readBefore } = samples.PersonalDataRead;
const deferredBefore = {
  queue: 'sales',
  until: '2026-03-02T10:01:10.000Z',
  because: 'ATTEMPT_MAY_BE_LIVE',
  at: samples.CallbackDeferred.at,
};
const { placeBy, ...deferredByZones } = samples.CallbackDeferred;
const readAs: Readonly<Record<string, unknown>> = {
  'CallbackBooked.v1': { ...bookedBefore, nameRecording: null, reference: null },
  'CallbackBooked.v2': bookedAnywhere,
  'CallbackDeferred.v1': deferredBefore,
  'CallbackDeferred.v2': deferredBefore,
  'CallbackDeferred.v3': deferredByZones,
  'PersonalDataRead.v1': readBefore,
};

describe('stored events, as they lie in logs that there are', () => {
  it('there is one of every type and every version up to the current one, and nothing else', () => {
    const wanted = types.flatMap((type) => Array.from({ length: catalogue[type].v }, (_, index) => nameOf(type, index + 1)));
    expect(files, 'npx tsx test/eventstore/write-golden.ts writes what is missing').toEqual(wanted.sort());
  });

  it.each(files)('%s reads as the current code knows it', async (file) => {
    const { type, data, metadata } = read(file);
    expect(nameOf(type, metadata.version)).toBe(file);
    const stored = { type, data, metadata, id: 'id', streamId: 'stream-1', revision: 0n, position: 0n };
    const decoded = await decode(sealer, stored, true);
    const expected = readAs[file.replace('.json', '')] ?? samples[type as EventType]; // a file of no type fails above
    expect(decoded?.data).toEqual(expected);
    expect(decoded?.metadata).toEqual({ ...context, version: metadata.version });
  });

  it.each(types)('%s is written as its file says: a change of its shape needs a new version', async (type) => {
    const today = await storedToday(type);
    expect(read(nameOf(type, catalogue[type].v))).toEqual(today);
  });

  it.each(types)('%s has a value in every field that there is', (type) => {
    expect(Object.keys(samples[type]).sort()).toEqual(Object.keys(catalogue[type].data.shape).sort());
  });

  it('a version above the catalogue’s stops the reader', async () => {
    const { type, data, metadata } = read(nameOf('CallbackRequeued', 1));
    const newer = { ...metadata, version: (specOf(type)?.v ?? 0) + 1 };
    const stored = { type, data, metadata: newer, id: 'id', streamId: 'stream-1', revision: 0n, position: 0n };
    await expect(decode(sealer, stored, false)).rejects.toThrow('newer code');
  });
});
