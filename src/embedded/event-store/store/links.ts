import { parseRecorded, recordedBytes, resolved } from '../protocol/recorded-event.ts';
import { streamForwards, viewStream } from './read-stream.ts';
import type { Store } from './store.ts';
import { LINK_TYPE } from './system-streams.ts';

const target = /^(\d+)@(.+)$/s;

/**
 * A link with the event it stands for, as its readers may see it: without event if that is deleted, hidden or never was.
 * The answer's position is the link's. Anything but a link comes back as it is.
 */
export const resolveLink = (store: Store, stored: Buffer, now: number): Buffer => {
  const link = parseRecorded(stored);
  if (link.type !== LINK_TYPE) return stored;
  const [, revision, stream] = target.exec(link.data.toString('utf8')) ?? [];
  const view = stream === undefined ? undefined : viewStream(store, stream, now);
  const [event] = view?.kind === 'open' ? streamForwards(store, view, Number(revision), 1) : [];
  const found = event && event.revision === Number(revision) ? event : undefined;
  return resolved(found && recordedBytes(found.stored), recordedBytes(stored), link.position);
};
