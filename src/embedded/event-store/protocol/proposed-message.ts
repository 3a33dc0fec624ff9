import { readUuid } from './uuid.ts';
import { bytes, empty, inner, next, type Reader, skip, text } from './wire.ts';

/** An event as a client proposes it, not yet placed in a stream. `type` and `contentType` are undefined when the client left them out. */
export type Proposed = {
  readonly id: string;
  readonly type: string | undefined;
  readonly contentType: string | undefined;
  readonly data: Buffer;
  readonly metadata: Buffer;
};

const property = (r: Reader): [string, string] => {
  let key = '';
  let value = '';
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 1) key = text(r);
    else if (field === 2) value = text(r);
    else skip(r);
  }
  return [key, value];
};

/** Reads a ProposedMessage of AppendReq or BatchAppendReq: both have the same fields. */
export const readProposed = (r: Reader): Proposed => {
  let id = '';
  let type: string | undefined;
  let contentType: string | undefined;
  let data: Buffer = empty;
  let metadata: Buffer = empty;
  for (let field = next(r); field !== 0; field = next(r)) {
    if (field === 1) {
      id = readUuid(inner(r));
    } else if (field === 2) {
      const [key, value] = property(inner(r));
      if (key === 'type') type = value;
      else if (key === 'content-type') contentType = value;
    } else if (field === 3) {
      metadata = bytes(r);
    } else if (field === 4) {
      data = bytes(r);
    } else {
      skip(r);
    }
  }
  return { id, type, contentType, data, metadata };
};

/** What an event counts against the size limit of an append, in bytes: data, metadata and the type in UTF-16, as the real one counts. */
export const sizeOfProposed = (p: Proposed): number => p.data.length + p.metadata.length + 2 * (p.type ?? '').length;

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** What a proposed event lacks to be recorded: the first that is missing of its type, its content type and an id that is one. */
export const lackOf = (p: Proposed): 'type' | 'content-type' | 'id' | undefined => {
  if (p.type === undefined) return 'type';
  if (p.contentType === undefined) return 'content-type';
  return uuid.test(p.id) ? undefined : 'id';
};
