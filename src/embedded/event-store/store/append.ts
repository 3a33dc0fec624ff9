import { randomUUID } from 'node:crypto';
import type { Proposed } from '../protocol/proposed-message.ts';
import { empty, LAST_REVISION } from '../protocol/wire.ts';
import type { Expected } from './expected.ts';
import { expectedNumber } from './expected.ts';
import {
  currentHead,
  currentMetadata,
  currentRawMetadata,
  findId,
  findRevision,
  type Group,
  place,
  placeGap,
  placeTombstone,
} from './group.ts';
import { isSoftDeleted, softDeleted, truncatedBefore } from './metadata.ts';
import { isMetastream, METADATA_TYPE, metastreamOf, originalOf } from './system-streams.ts';

/** What became of an append: `revision` and `position` are those of its last event; `current` is the stream's last revision, undefined for no stream. */
export type AppendResult =
  | { readonly kind: 'appended'; readonly revision: number | undefined; readonly position: number }
  | { readonly kind: 'wrong-version'; readonly current: number | undefined }
  | { readonly kind: 'deleted' };

type Check = { kind: 'append' } | { kind: 'repeat'; revision: number; position: number } | { kind: 'wrong-version' } | { kind: 'deleted' };

const wrong: Check = { kind: 'wrong-version' };
const fresh: Check = { kind: 'append' };

/** Whether a stream is there by its metadata, be it without events. */
const hasMetadata = (group: Group, stream: string): boolean => currentHead(group, metastreamOf(stream)).last >= 0;

/** The same event ids again, when anything was expected: known only while they are among the newest. */
const repeatOfRecent = (group: Group, stream: string, ids: readonly string[]): Check => {
  let last = { revision: -1, position: 0 };
  for (const id of ids) {
    const written = findId(group, id);
    if (written?.stream !== stream) return last.revision < 0 ? fresh : wrong;
    last = written;
  }
  return ids.length === 0 ? fresh : { kind: 'repeat', revision: last.revision, position: last.position };
};

/** An older revision expected: right only if exactly these events follow it already. */
const repeatAfter = (group: Group, stream: string, expected: number, ids: readonly string[]): Check => {
  const head = currentHead(group, stream);
  let position = 0;
  for (let i = 0; i < ids.length; i++) {
    const there = findRevision(group, stream, head, expected + 1 + i);
    if (there?.id !== ids[i]) {
      const revive = i === 0 && expected === -1 && isSoftDeleted(currentMetadata(group, stream));
      return revive ? fresh : wrong;
    }
    position = there?.position ?? 0;
  }
  return ids.length === 0 ? wrong : { kind: 'repeat', revision: expected + ids.length, position };
};

const check = (group: Group, stream: string, expected: Expected, ids: readonly string[]): Check => {
  const { last } = currentHead(group, stream);
  if (last === LAST_REVISION) return { kind: 'deleted' };
  if (expected === 'stream_exists') {
    if (isSoftDeleted(currentMetadata(group, stream))) return { kind: 'deleted' };
    if (last < 0 && !hasMetadata(group, stream)) return wrong;
  }
  if (expected === 'any' || expected === 'stream_exists') return repeatOfRecent(group, stream, ids);
  const revision = expectedNumber(expected);
  if (revision < last) return repeatAfter(group, stream, revision, ids);
  return revision > last ? wrong : fresh;
};

const metadataEvent = (data: Buffer): Proposed => ({
  id: randomUUID(),
  type: METADATA_TYPE,
  contentType: 'application/json',
  data,
  metadata: empty,
});

/** Moves the truncation of a softly deleted stream to `revision`, so that what follows is read again. */
const revive = (group: Group, stream: string, revision: number): void => {
  const raw = currentRawMetadata(group, stream);
  const moved = raw && truncatedBefore(raw, revision);
  if (moved) place(group, metastreamOf(stream), [metadataEvent(moved)]);
};

/** Appends all events or none. An append that repeats an earlier one writes nothing and answers as that did. */
export const append = (group: Group, stream: string, expected: Expected, events: readonly Proposed[]): AppendResult => {
  const ids = events.map((e) => e.id);
  const checked = check(group, stream, expected, ids);
  const { last } = currentHead(group, stream);
  if (checked.kind === 'deleted') return checked;
  if (checked.kind === 'wrong-version') return { kind: 'wrong-version', current: last < 0 ? undefined : last };
  if (checked.kind === 'repeat') return { kind: 'appended', revision: checked.revision, position: checked.position };
  if (events.length === 0) return { kind: 'appended', revision: last < 0 ? undefined : last, position: placeGap(group) };
  const wasDeleted = isSoftDeleted(currentMetadata(group, stream));
  const original = isMetastream(stream) ? originalOf(stream) : undefined;
  const originalWasDeleted = original !== undefined && isSoftDeleted(currentMetadata(group, original));
  place(group, stream, events);
  const position = group.entries.at(-1)?.position ?? 0;
  if (wasDeleted) revive(group, stream, last + 1);
  if (originalWasDeleted) revive(group, original, currentHead(group, original).last + 1);
  return { kind: 'appended', revision: last + events.length, position };
};

/** What became of a delete or a tombstone: `position` is that of the event that says so; `actual` is the stream's last revision, −1 for no stream. */
export type DeleteResult =
  | { readonly kind: 'done'; readonly position: number }
  | { readonly kind: 'wrong-version'; readonly actual: number }
  | { readonly kind: 'deleted' };

const checkRemoval = (group: Group, stream: string, expected: Expected): Exclude<DeleteResult, { kind: 'done' }> | undefined => {
  const { last } = currentHead(group, stream);
  if (last === LAST_REVISION) return { kind: 'deleted' };
  const exists = last >= 0 || hasMetadata(group, stream);
  if (expected === 'stream_exists' && isSoftDeleted(currentMetadata(group, stream))) return { kind: 'deleted' };
  const right = expected === 'any' || (expected === 'stream_exists' ? exists : expectedNumber(expected) === last);
  return right ? undefined : { kind: 'wrong-version', actual: last };
};

/** Deletes a stream softly: its metadata hides what it holds, and the next append takes it up again. A stream must hold events or have metadata. */
export const deleteStream = (group: Group, stream: string, expected: Expected): DeleteResult => {
  const { last } = currentHead(group, stream);
  const refused = checkRemoval(group, stream, expected);
  if (refused) return refused;
  if (last < 0 && !hasMetadata(group, stream)) return { kind: 'wrong-version', actual: last };
  place(group, metastreamOf(stream), [metadataEvent(softDeleted)]);
  return { kind: 'done', position: group.entries.at(-1)?.position ?? 0 };
};

/** Ends a stream for good; one that never was, too. */
export const tombstone = (group: Group, stream: string, expected: Expected): DeleteResult =>
  checkRemoval(group, stream, expected) ?? { kind: 'done', position: placeTombstone(group, stream) };
