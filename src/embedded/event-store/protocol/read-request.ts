import { streamName } from './recorded-event.ts';
import { inner, next, type Reader, reader, skip, text, varint } from './wire.ts';

/** Where a read or a subscription begins: a revision of a stream, or a position of $all. */
export type From = 'start' | 'end' | number;

/** What events a filtered read of $all wants, and how often a subscription hears a checkpoint. `window` and `multiplier` count events. */
export type FilterOptions = {
  readonly on: 'type' | 'stream';
  readonly regex: string;
  readonly prefixes: readonly string[];
  readonly window: number | undefined;
  readonly multiplier: number;
};

/** A ReadReq. `stream` is undefined for $all; `count` is undefined when the client sent none; `prepare` is the prepare position that came with a position of $all. */
export type ReadRequest = {
  readonly stream: string | undefined;
  readonly from: From;
  readonly prepare: number | undefined;
  readonly backwards: boolean;
  readonly resolveLinks: boolean;
  readonly count: number | undefined;
  readonly subscription: boolean;
  readonly filter: FilterOptions | undefined;
  readonly structuredIds: boolean;
  readonly compatibility: number;
};

const fields = (r: Reader, read: (field: number) => void): void => {
  for (let field = next(r); field !== 0; field = next(r)) {
    const at = r.at;
    read(field);
    if (r.at === at) skip(r);
  }
};

const expression = (r: Reader): { regex: string; prefixes: string[] } => {
  const e = { regex: '', prefixes: [] as string[] };
  fields(r, (field) => {
    if (field === 1) e.regex = text(r);
    else if (field === 2) e.prefixes.push(text(r));
  });
  return e;
};

const filterOptions = (r: Reader): FilterOptions => {
  let f: FilterOptions = { on: 'stream', regex: '', prefixes: [], window: undefined, multiplier: 0 };
  fields(r, (field) => {
    if (field === 1 || field === 2) f = { ...f, ...expression(inner(r)), on: field === 1 ? 'stream' : 'type' };
    else if (field === 3) f = { ...f, window: varint(r) };
    else if (field === 5) f = { ...f, multiplier: varint(r) };
  });
  return f;
};

/** Decodes a ReadReq; throws RangeError when the bytes are no message. */
export const readRequest = (buffer: Buffer): ReadRequest => {
  const q = {
    stream: undefined as string | undefined,
    from: 'start' as From,
    prepare: undefined as number | undefined,
    backwards: false,
    resolveLinks: false,
    count: undefined as number | undefined,
    subscription: false,
    filter: undefined as FilterOptions | undefined,
    structuredIds: false,
    compatibility: 0,
  };
  const streamOptions = (r: Reader): void =>
    fields(r, (field) => {
      if (field === 1) q.stream = streamName(inner(r));
      else if (field === 2) q.from = varint(r);
      else if (field === 3) q.from = 'start';
      else if (field === 4) q.from = 'end';
    });
  const position = (r: Reader): void => {
    q.from = 0;
    q.prepare = 0;
    fields(r, (field) => {
      if (field === 1) q.from = varint(r);
      else if (field === 2) q.prepare = varint(r);
    });
  };
  const allOptions = (r: Reader): void =>
    fields(r, (field) => {
      if (field === 1) position(inner(r));
      else if (field === 2) q.from = 'start';
      else if (field === 3) q.from = 'end';
    });
  const options = (r: Reader): void =>
    fields(r, (field) => {
      if (field === 1) streamOptions(inner(r));
      else if (field === 2) allOptions(inner(r));
      else if (field === 3) q.backwards = varint(r) === 1;
      else if (field === 4) q.resolveLinks = varint(r) === 1;
      else if (field === 5) q.count = varint(r);
      else if (field === 6) q.subscription = true;
      else if (field === 7) q.filter = filterOptions(inner(r));
      else if (field === 9)
        fields(inner(r), (form) => {
          q.structuredIds = form === 1;
        });
      else if (field === 10) controlOption(inner(r));
    });
  const controlOption = (r: Reader): void =>
    fields(r, (field) => {
      if (field === 1) q.compatibility = varint(r);
    });
  const r = reader(buffer);
  fields(r, (field) => {
    if (field === 1) options(inner(r));
  });
  return q;
};
