/** The few parts of the protocol buffers wire format that the event store's messages use. Integers are JS numbers, exact up to 2^53. */

/** The revision of a tombstone (2^63 − 1). It fits no JS number, so Infinity stands for it everywhere inside. */
export const LAST_REVISION = Number.POSITIVE_INFINITY;
const lastRevisionBytes = Buffer.from('ffffffffffffffff7f', 'hex');
const minusOneBytes = Buffer.from('ffffffffffffffffff01', 'hex');

/** Length in bytes of `n` as a varint; −1 is 64 ones. */
export const varintSize = (n: number): number => {
  if (n === LAST_REVISION) return lastRevisionBytes.length;
  if (n < 0) return minusOneBytes.length;
  let size = 1;
  for (let rest = n; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
};

/** Writes `n` as a varint at `at`; answers the offset behind it. */
export const putVarint = (out: Buffer, n: number, at: number): number => {
  if (n === LAST_REVISION) return at + lastRevisionBytes.copy(out, at);
  if (n < 0) return at + minusOneBytes.copy(out, at);
  let rest = n;
  let p = at;
  while (rest >= 128) {
    out[p++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  out[p++] = rest;
  return p;
};

/** A field to encode: `[number, value]`; a number is a varint, a string UTF-8, a Buffer bytes or a finished message. */
export type Field = readonly [number, number | string | Buffer];

const sizeOf = (value: Field[1]): number => {
  if (typeof value === 'number') return varintSize(value);
  const length = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  return varintSize(length) + length;
};

/** Encodes the fields in the order given. */
export const message = (...fields: readonly Field[]): Buffer => {
  let size = 0;
  for (const [number, value] of fields) size += varintSize(number * 8) + sizeOf(value);
  const out = Buffer.allocUnsafe(size);
  let p = 0;
  for (const [number, value] of fields) {
    p = putVarint(out, number * 8 + (typeof value === 'number' ? 0 : 2), p);
    if (typeof value === 'number') {
      p = putVarint(out, value, p);
    } else {
      p = putVarint(out, typeof value === 'string' ? Buffer.byteLength(value) : value.length, p);
      p += typeof value === 'string' ? out.write(value, p) : value.copy(out, p);
    }
  }
  return out;
};

/** The empty message, as value of "any", "no stream", "start" and the like. */
export const empty = Buffer.alloc(0);

/** A cursor over an encoded message; `next` answers the number of the next field, or 0 at the end. */
export type Reader = {
  readonly buffer: Buffer;
  at: number;
  readonly end: number;
  wire: number;
};

/** A reader of the whole buffer. */
export const reader = (buffer: Buffer): Reader => ({ buffer, at: 0, end: buffer.length, wire: 0 });

/** Reads a varint. Above 2^53 the value is rounded, which only "far beyond the end" ever is. */
export const varint = (r: Reader): number => {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = r.buffer[r.at++];
    if (byte === undefined || r.at > r.end) throw new RangeError('message ends inside a number');
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
};

/** Moves to the next field: its number, 0 at the end of the message. */
export const next = (r: Reader): number => {
  if (r.at >= r.end) return 0;
  const tag = varint(r);
  r.wire = tag & 7;
  return Math.floor(tag / 8);
};

/** The bytes of a length-delimited field, not copied. */
export const bytes = (r: Reader): Buffer => {
  const length = varint(r);
  const start = r.at;
  r.at += length;
  if (r.at > r.end) throw new RangeError('message ends inside a field');
  return r.buffer.subarray(start, r.at);
};

/** A reader of the message in a length-delimited field. */
export const inner = (r: Reader): Reader => reader(bytes(r));

/** A length-delimited field as text. */
export const text = (r: Reader): string => bytes(r).toString('utf8');

/** Passes over a field that nobody asked for. */
export const skip = (r: Reader): void => {
  if (r.wire === 0) varint(r);
  else if (r.wire === 1) r.at += 8;
  else if (r.wire === 2) bytes(r);
  else if (r.wire === 5) r.at += 4;
  else throw new RangeError(`unknown wire type ${r.wire}`);
};
