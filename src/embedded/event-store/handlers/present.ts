import type { ReadRequest } from '../protocol/read-request.ts';
import { resolved, withStructuredId } from '../protocol/recorded-event.ts';
import { bytes, inner, next, reader, skip, varint } from '../protocol/wire.ts';
import { resolveLink } from '../store/links.ts';
import type { Store } from '../store/store.ts';

/** Every RecordedEvent of a ReadResp with its id in the structured form. */
const structured = (answer: Buffer): Buffer => {
  const r = reader(answer);
  next(r);
  const event = inner(r);
  const parts: { event?: Buffer; link?: Buffer; position: number } = { position: 0 };
  for (let field = next(event); field !== 0; field = next(event)) {
    if (field === 1) parts.event = withStructuredId(bytes(event));
    else if (field === 2) parts.link = withStructuredId(bytes(event));
    else if (field === 3) parts.position = varint(event);
    else skip(event);
  }
  return resolved(parts.event, parts.link, parts.position);
};

/** How a request wants its events: mostly as they are stored, which costs nothing. */
export const presenter = (store: Store, request: ReadRequest, now: () => number): ((stored: Buffer) => Buffer) => {
  const { resolveLinks, structuredIds } = request;
  if (!resolveLinks && !structuredIds) return (stored) => stored;
  const follow = resolveLinks ? (stored: Buffer) => resolveLink(store, stored, now()) : (stored: Buffer) => stored;
  return structuredIds ? (stored) => structured(follow(stored)) : follow;
};
