import type { Expected } from '../store/expected.ts';
import { type Proposed, readProposed } from './proposed-message.ts';
import { streamName } from './recorded-event.ts';
import { bytes, inner, next, type Reader, reader, skip, varint } from './wire.ts';

/** Where an append, delete or tombstone goes. `deadline` is in milliseconds since 1970, batch appends only. */
export type Target = {
  readonly stream: string | undefined;
  readonly expected: Expected | undefined;
  readonly deadline: number | undefined;
};

const seconds = (r: Reader): number => {
  let milliseconds = 0;
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 1) milliseconds += varint(r) * 1000;
    else if (field === 2) milliseconds += varint(r) / 1e6;
    else skip(r);
  }
  return milliseconds;
};

/** Options of AppendReq, BatchAppendReq, DeleteReq and TombstoneReq, which number their fields alike. `now` is in milliseconds since 1970. */
export const readTarget = (r: Reader, now: number): Target => {
  const target = {
    stream: undefined as string | undefined,
    expected: undefined as Expected | undefined,
    deadline: undefined as number | undefined,
  };
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 1) target.stream = streamName(inner(r));
    else if (field === 2) target.expected = varint(r);
    else if (field === 6) target.deadline = seconds(inner(r));
    else if (field === 7) target.deadline = now + seconds(inner(r));
    else {
      if (field === 3) target.expected = 'no_stream';
      else if (field === 4) target.expected = 'any';
      else if (field === 5) target.expected = 'stream_exists';
      skip(r);
    }
  }
  return target;
};

/** One message of a unary append: first the target, then an event each. */
export type AppendPart = { readonly target: Target } | { readonly proposed: Proposed } | undefined;

/** Decodes an AppendReq. */
export const readAppendPart = (buffer: Buffer, now: number): AppendPart => {
  const r = reader(buffer);
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 1) return { target: readTarget(inner(r), now) };
    if (field === 2) return { proposed: readProposed(inner(r)) };
    skip(r);
  }
  return undefined;
};

/** Decodes a DeleteReq or a TombstoneReq. */
export const readDelete = (buffer: Buffer, now: number): Target => {
  const part = readAppendPart(buffer, now);
  return part && 'target' in part ? part.target : { stream: undefined, expected: undefined, deadline: undefined };
};

/** One message of a batch append. `correlation` is the client's UUID message as it came, to be sent back. */
export type BatchPart = {
  readonly correlation: Buffer;
  readonly target: Target | undefined;
  readonly proposed: readonly Proposed[];
  readonly final: boolean;
};

/** Decodes a BatchAppendReq. */
export const readBatchPart = (buffer: Buffer, now: number): BatchPart => {
  const r = reader(buffer);
  let correlation = buffer.subarray(0, 0);
  let target: Target | undefined;
  const proposed: Proposed[] = [];
  let final = false;
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 1) correlation = bytes(r);
    else if (field === 2) target = readTarget(inner(r), now);
    else if (field === 3) proposed.push(readProposed(inner(r)));
    else if (field === 4) final = varint(r) === 1;
    else skip(r);
  }
  return { correlation, target, proposed, final };
};
