import { inner, message, next, type Reader, skip, text } from './wire.ts';

const int64 = (r: Reader): bigint => {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = r.buffer[r.at++];
    if (byte === undefined) throw new RangeError('message ends inside a number');
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asUintN(64, value);
  }
};

const varint64 = (value: bigint): number[] => {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...out, Number(rest)];
};

const structured = (r: Reader): string => {
  const half = { 1: 0n, 2: 0n };
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 1 || field === 2) half[field] = int64(r);
    else skip(r);
  }
  const hex = half[1].toString(16).padStart(16, '0') + half[2].toString(16).padStart(16, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** An event_store.client.UUID in either form (text, or two 64-bit halves) as text. */
export const readUuid = (r: Reader): string => {
  let id = '';
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 1) id = structured(inner(r));
    else if (field === 2) id = text(r).toLowerCase();
    else skip(r);
  }
  return id;
};

/** A UUID message in the structured form, which some clients ask for when reading. */
export const structuredUuid = (id: string): Buffer => {
  const hex = id.replaceAll('-', '');
  const halves = [hex.slice(0, 16), hex.slice(16)].map((half) => varint64(BigInt(`0x${half}`)));
  return message([1, Buffer.from([0x08, ...(halves[0] ?? []), 0x10, ...(halves[1] ?? [])])]);
};
