/** What a filter needs to know of an event, so that it needn't read it. */
export type Mark = { readonly position: number; readonly type: string; readonly stream: string };

/** Some consecutive events of the log. `end` is where the next block, or what has none yet, begins. */
export type FilterBlock = {
  readonly end: number;
  readonly positions: Float64Array;
  /** The distinct types or stream names, and which of them each event has. */
  readonly values: readonly string[];
  readonly indices: Uint16Array;
};

const distinct = (values: readonly string[]): { json: Buffer; indices: Uint16Array } => {
  const known = new Map<string, number>();
  const indices = Uint16Array.from(values, (value) => {
    const index = known.get(value) ?? known.size;
    known.set(value, index);
    return index;
  });
  return { json: Buffer.from(JSON.stringify([...known.keys()])), indices };
};

const headerSize = 8 + 4 * 3;

/** Encodes a block: end, counts, types, stream names, then the positions and two bytes each for type and name. At most 65,535 events. */
export const encodeBlock = (marks: readonly Mark[], end: number): Buffer => {
  const types = distinct(marks.map((m) => m.type));
  const streams = distinct(marks.map((m) => m.stream));
  const header = Buffer.alloc(headerSize);
  header.writeDoubleLE(end, 0);
  header.writeUInt32LE(marks.length, 8);
  header.writeUInt32LE(types.json.length, 12);
  header.writeUInt32LE(streams.json.length, 16);
  const positions = Float64Array.from(marks, (m) => m.position);
  const bytes = (array: Float64Array | Uint16Array): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return Buffer.concat([header, bytes(positions), bytes(types.indices), bytes(streams.indices), types.json, streams.json]);
};

const copied = (value: Buffer, at: number, length: number): ArrayBuffer => {
  const out = new ArrayBuffer(length);
  new Uint8Array(out).set(value.subarray(at, at + length));
  return out;
};

/** Where a block ends, without decoding the rest. */
export const endOfBlock = (value: Buffer): number => value.readDoubleLE(0);

/** Decodes what a filter on types or on stream names needs of a block. */
export const decodeBlock = (value: Buffer, on: 'type' | 'stream'): FilterBlock => {
  const count = value.readUInt32LE(8);
  const typesLength = value.readUInt32LE(12);
  const streamsLength = value.readUInt32LE(16);
  const indicesAt = headerSize + 8 * count + (on === 'type' ? 0 : 2 * count);
  const typesAt = headerSize + 12 * count;
  const streamsAt = typesAt + typesLength;
  const json = on === 'type' ? value.subarray(typesAt, streamsAt) : value.subarray(streamsAt, streamsAt + streamsLength);
  return {
    end: endOfBlock(value),
    positions: new Float64Array(copied(value, headerSize, 8 * count)),
    values: JSON.parse(json.toString('utf8')) as string[], // as encodeBlock wrote it
    indices: new Uint16Array(copied(value, indicesAt, 2 * count)),
  };
};

/** A block without the events for which `gone` holds; undefined if there are none of these. */
export const withoutGone = (value: Buffer, gone: (position: number) => boolean): Buffer | undefined => {
  const types = decodeBlock(value, 'type');
  const streams = decodeBlock(value, 'stream');
  const marks: Mark[] = [];
  types.positions.forEach((position, i) => {
    if (gone(position)) return;
    marks.push({ position, type: types.values[types.indices[i] ?? 0] ?? '', stream: streams.values[streams.indices[i] ?? 0] ?? '' });
  });
  return marks.length === types.positions.length ? undefined : encodeBlock(marks, types.end);
};
