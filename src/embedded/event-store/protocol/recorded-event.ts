import { readUuid, structuredUuid } from './uuid.ts';
import { bytes, inner, LAST_REVISION, message, next, putVarint, type Reader, reader, skip, text, varint, varintSize } from './wire.ts';

/** An event placed in its stream and in the log. `created` is in ticks: 100 ns since 1970, as text. */
export type Recorded = {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly type: string;
  readonly json: boolean;
  readonly created: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
};

const delimited = (length: number): number => 1 + varintSize(length) + length;

const putText = (out: Buffer, tag: number, value: string, length: number, at: number): number => {
  out[at] = tag;
  const p = putVarint(out, length, at + 1);
  return p + out.write(value, p, length, length === value.length ? 'latin1' : 'utf8');
};

const putBytes = (out: Buffer, tag: number, value: Buffer, at: number): number => {
  out[at] = tag;
  const p = putVarint(out, value.length, at + 1);
  return p + value.copy(out, p);
};

const jsonType = message([1, 'content-type'], [2, 'application/json']);
const binaryType = message([1, 'content-type'], [2, 'application/octet-stream']);
const typeKey = message([1, 'type']);
const createdKey = message([1, 'created']);

const entry = (out: Buffer, key: Buffer, value: string, length: number, at: number): number => {
  out[at] = 0x32;
  let p = putVarint(out, key.length + delimited(length), at + 1);
  p += key.copy(out, p);
  return putText(out, 0x12, value, length, p);
};

/**
 * The finished ReadResp of an event: what is stored, and what a reader gets without another look.
 * Fields stand in the order of their numbers, the id always as text, so that `parseRecorded` and the readers below can rely on it.
 */
export const encodeRecorded = (e: Recorded): Buffer => {
  const idLength = Buffer.byteLength(e.id);
  const nameLength = Buffer.byteLength(e.stream);
  const typeLength = Buffer.byteLength(e.type);
  const contentType = e.json ? jsonType : binaryType;
  const position = varintSize(e.position);
  const inside =
    delimited(delimited(idLength)) +
    delimited(delimited(nameLength)) +
    1 +
    varintSize(e.revision) +
    2 * (1 + position) +
    delimited(typeKey.length + delimited(typeLength)) +
    delimited(contentType.length) +
    delimited(createdKey.length + delimited(e.created.length)) +
    delimited(e.metadata.length) +
    delimited(e.data.length);
  const readEvent = delimited(inside) + 1 + position;
  const out = Buffer.allocUnsafe(delimited(readEvent));
  out[0] = 0x0a;
  let p = putVarint(out, readEvent, 1);
  out[p++] = 0x0a;
  p = putVarint(out, inside, p);
  out[p++] = 0x0a;
  p = putVarint(out, delimited(idLength), p);
  p = putText(out, 0x12, e.id, idLength, p);
  out[p++] = 0x12;
  p = putVarint(out, delimited(nameLength), p);
  p = putText(out, 0x1a, e.stream, nameLength, p);
  out[p++] = 0x18;
  p = putVarint(out, e.revision, p);
  out[p++] = 0x20;
  p = putVarint(out, e.position, p);
  out[p++] = 0x28;
  p = putVarint(out, e.position, p);
  p = entry(out, typeKey, e.type, typeLength, p);
  p = putBytes(out, 0x32, contentType, p);
  p = entry(out, createdKey, e.created, e.created.length, p);
  p = putBytes(out, 0x3a, e.metadata, p);
  p = putBytes(out, 0x42, e.data, p);
  out[p++] = 0x18;
  putVarint(out, e.position, p);
  return out;
};

/** The RecordedEvent message inside a stored ReadResp, not copied. */
export const recordedBytes = (stored: Buffer): Buffer => {
  const r = reader(stored);
  next(r);
  const event = inner(r);
  next(event);
  return bytes(event);
};

const revisionOf = (r: Reader): number => {
  const n = varint(r);
  return n >= 2 ** 63 ? LAST_REVISION : n;
};

const property = (r: Reader): [string, string] => {
  next(r);
  const key = text(r);
  next(r);
  return [key, text(r)];
};

/** The fields of a stored event. */
export const parseRecorded = (stored: Buffer): Recorded => {
  const r = reader(recordedBytes(stored));
  const e = { id: '', stream: '', revision: 0, position: 0, type: '', json: false, created: '', data: stored, metadata: stored };
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 1) e.id = readUuid(inner(r));
    else if (field === 2) e.stream = streamName(inner(r));
    else if (field === 3) e.revision = revisionOf(r);
    else if (field === 5) e.position = varint(r);
    else if (field === 6) {
      const [key, value] = property(inner(r));
      if (key === 'type') e.type = value;
      else if (key === 'content-type') e.json = value === 'application/json';
      else e.created = value;
    } else if (field === 7) e.metadata = bytes(r);
    else if (field === 8) e.data = bytes(r);
    else skip(r);
  }
  return e;
};

/** The name in a StreamIdentifier. */
export const streamName = (r: Reader): string => {
  let name = '';
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 3) name = text(r);
    else skip(r);
  }
  return name;
};

/** A RecordedEvent with its id in the structured form. */
export const withStructuredId = (recorded: Buffer): Buffer => {
  const r = reader(recorded);
  next(r);
  const id = readUuid(inner(r));
  return Buffer.concat([message([1, structuredUuid(id)]), recorded.subarray(r.at)]);
};

/**
 * A ReadResp with an event of its own making: `event` is missing when a link leads nowhere.
 * `position` is the commit position that the answer names.
 */
export const resolved = (event: Buffer | undefined, link: Buffer | undefined, position: number): Buffer =>
  message([1, message(...(event ? [[1, event] as const] : []), ...(link ? [[2, link] as const] : []), [3, position])]);
