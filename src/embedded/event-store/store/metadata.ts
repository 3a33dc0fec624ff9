import { LAST_REVISION } from '../protocol/wire.ts';

/** What a stream's metadata hides from its readers: all but the newest `maxCount`, what is older than `maxAge` seconds, what lies before `truncateBefore`. */
export type StreamMetadata = {
  readonly maxCount: number | undefined;
  readonly maxAge: number | undefined;
  readonly truncateBefore: number;
};

/** Of a stream without metadata. */
export const noMetadata: StreamMetadata = { maxCount: undefined, maxAge: undefined, truncateBefore: 0 };

/** Of every metastream: only its newest event counts. */
export const metastreamMetadata: StreamMetadata = { ...noMetadata, maxCount: 1 };

const positive = (value: unknown): number | undefined => (typeof value === 'number' && value > 0 ? value : undefined);

/** Reads the data of a metadata event; what is no JSON object hides nothing. */
export const parseMetadata = (data: Buffer): StreamMetadata => {
  let json: unknown;
  try {
    json = JSON.parse(data.toString('utf8'));
  } catch {
    return noMetadata;
  }
  if (typeof json !== 'object' || json === null) return noMetadata;
  const { $maxCount, $maxAge, $tb } = json as Record<string, unknown>; // a JSON object, its values unknown
  const truncateBefore = positive($tb) ?? 0;
  return {
    maxCount: positive($maxCount),
    maxAge: positive($maxAge),
    truncateBefore: truncateBefore >= 2 ** 63 ? LAST_REVISION : truncateBefore,
  };
};

/** Whether metadata says that its stream is deleted, to be taken up again by the next append. */
export const isSoftDeleted = (metadata: StreamMetadata): boolean => metadata.truncateBefore === LAST_REVISION;

/** The metadata event that deletes a stream softly. */
export const softDeleted = Buffer.from('{"$tb":9223372036854775807}');

/** Metadata with its truncation moved to `revision`; undefined if `raw` is no JSON object. */
export const truncatedBefore = (raw: Buffer, revision: number): Buffer | undefined => {
  try {
    const json: unknown = JSON.parse(raw.toString('utf8'));
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
    return Buffer.from(JSON.stringify({ ...json, $tb: revision }));
  } catch {
    return undefined;
  }
};

/** The first revision that metadata lets a reader see, and the oldest `created` (milliseconds since 1970). `last` is the stream's newest revision. */
export const visibleFrom = (metadata: StreamMetadata, last: number, now: number): { revision: number; created: number } => ({
  revision: Math.max(metadata.truncateBefore, metadata.maxCount === undefined ? 0 : last - metadata.maxCount + 1),
  created: metadata.maxAge === undefined ? 0 : now - metadata.maxAge * 1000,
});
