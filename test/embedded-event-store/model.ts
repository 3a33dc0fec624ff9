/** A pure, in-memory event store: what the real one is compared with. */
export type ModelMetadata = { readonly maxCount?: number; readonly truncateBefore?: number };

/** An event; `metadata` is set in metastreams. Tombstones have revision Infinity. */
export type ModelEvent = { readonly stream: string; readonly revision: number; readonly id: string; readonly metadata?: ModelMetadata };

/** All events in order, the streams with all revisions they ever had, and what a scavenge has taken out of the log. */
export type Model = {
  readonly log: readonly ModelEvent[];
  readonly streams: ReadonlyMap<string, readonly ModelEvent[]>;
  readonly tombstoned: ReadonlySet<string>;
};

export type Expectation = 'any' | 'no_stream' | 'stream_exists' | number;

export type ModelResult =
  | { readonly kind: 'appended'; readonly revision: number }
  | { readonly kind: 'wrong-version' }
  | { readonly kind: 'deleted' };

export const emptyModel: Model = { log: [], streams: new Map(), tombstoned: new Set() };

const SYSTEM = 'written by the store';

const eventsOf = (m: Model, stream: string): readonly ModelEvent[] => m.streams.get(stream) ?? [];

export const lastRevision = (m: Model, stream: string): number => eventsOf(m, stream).length - 1;

export const metadataOf = (m: Model, stream: string): ModelMetadata | undefined => eventsOf(m, `$$${stream}`).at(-1)?.metadata;

const isDeleted = (m: Model, stream: string): boolean => metadataOf(m, stream)?.truncateBefore === Number.POSITIVE_INFINITY;

const push = (m: Model, stream: string, ids: readonly string[], metadata?: ModelMetadata): Model => {
  const there = eventsOf(m, stream);
  const added = ids.map((id, i): ModelEvent => ({ stream, revision: there.length + i, id, ...(metadata ? { metadata } : {}) }));
  return { ...m, log: [...m.log, ...added], streams: new Map(m.streams).set(stream, [...there, ...added]) };
};

const isRepeat = (there: readonly ModelEvent[], from: number, ids: readonly string[]): boolean =>
  ids.length > 0 && ids.every((id, i) => there[from + i]?.id === id);

/** Appends; the same ids again at the same place are the same append. */
export const append = (m: Model, stream: string, expected: Expectation, ids: readonly string[]): { model: Model; result: ModelResult } => {
  const there = eventsOf(m, stream);
  const last = there.length - 1;
  const deleted = isDeleted(m, stream);
  const refuse = (kind: 'wrong-version' | 'deleted') => ({ model: m, result: { kind } as const });
  if (m.tombstoned.has(stream)) return refuse('deleted');
  if (expected === 'stream_exists' && deleted) return refuse('deleted');
  if (expected === 'stream_exists' && last < 0 && !metadataOf(m, stream)) return refuse('wrong-version');
  const exact = expected === 'no_stream' ? -1 : typeof expected === 'number' ? expected : undefined;
  const repeatedFrom = exact === undefined ? there.findIndex((e) => e.id === ids[0]) : exact + 1;
  if (repeatedFrom >= 0 && isRepeat(there, repeatedFrom, ids)) {
    return { model: m, result: { kind: 'appended', revision: repeatedFrom + ids.length - 1 } };
  }
  if (exact !== undefined && exact !== last && !(exact === -1 && deleted)) return refuse('wrong-version');
  const appended = push(m, stream, ids);
  const model = deleted ? push(appended, `$$${stream}`, [SYSTEM], { ...metadataOf(m, stream), truncateBefore: last + 1 }) : appended;
  return { model, result: { kind: 'appended', revision: last + ids.length } };
};

/** Sets metadata; on a deleted stream that undoes the deletion for what follows. */
export const setMetadata = (m: Model, stream: string, metadata: ModelMetadata, id: string): { model: Model; result: ModelResult } => {
  if (m.tombstoned.has(stream)) return { model: m, result: { kind: 'deleted' } };
  const set = push(m, `$$${stream}`, [id], metadata);
  const revived = { ...metadata, truncateBefore: lastRevision(m, stream) + 1 };
  const model = isDeleted(m, stream) && !isDeleted(set, stream) ? push(set, `$$${stream}`, [SYSTEM], revived) : set;
  return { model, result: { kind: 'appended', revision: lastRevision(set, `$$${stream}`) } };
};

/** Deletes softly. */
export const deleteStream = (m: Model, stream: string): { model: Model; result: ModelResult } => {
  if (m.tombstoned.has(stream)) return { model: m, result: { kind: 'deleted' } };
  if (lastRevision(m, stream) < 0 && !metadataOf(m, stream)) return { model: m, result: { kind: 'wrong-version' } };
  return {
    model: push(m, `$$${stream}`, [SYSTEM], { truncateBefore: Number.POSITIVE_INFINITY }),
    result: { kind: 'appended', revision: -1 },
  };
};

/** Ends a stream for good. */
export const tombstone = (m: Model, stream: string): { model: Model; result: ModelResult } => {
  if (m.tombstoned.has(stream)) return { model: m, result: { kind: 'deleted' } };
  const end: ModelEvent = { stream, revision: Number.POSITIVE_INFINITY, id: SYSTEM };
  return {
    model: { ...m, log: [...m.log, end], tombstoned: new Set(m.tombstoned).add(stream) },
    result: { kind: 'appended', revision: -1 },
  };
};

/** The revisions of a stream that a reader sees. */
export const visible = (m: Model, stream: string): number[] | 'missing' | 'deleted' => {
  if (m.tombstoned.has(stream)) return 'deleted';
  if (lastRevision(m, stream) < 0 || isDeleted(m, stream)) return 'missing';
  const { maxCount = Number.POSITIVE_INFINITY, truncateBefore = 0 } = metadataOf(m, stream) ?? {};
  const first = Math.max(truncateBefore, lastRevision(m, stream) - maxCount + 1);
  const there = new Set(m.log);
  return eventsOf(m, stream)
    .filter((e) => e.revision >= first && there.has(e))
    .map((e) => e.revision);
};

const isSeen = (m: Model, { stream, revision }: ModelEvent): boolean => {
  if (revision === Number.POSITIVE_INFINITY) return true;
  if (stream.startsWith('$$')) return revision === lastRevision(m, stream) && !m.tombstoned.has(stream.slice(2));
  const seen = visible(m, stream);
  return Array.isArray(seen) && seen.includes(revision);
};

/** A restart forgets the ids of what a scavenge has taken out. */
export const restart = (m: Model): Model => {
  const there = new Set(m.log);
  const forget = (e: ModelEvent): ModelEvent => (there.has(e) ? e : { ...e, id: SYSTEM });
  return { ...m, streams: new Map([...m.streams].map(([stream, events]) => [stream, events.map(forget)])) };
};

/** Takes what no reader of a stream sees out of the log. */
export const scavenge = (m: Model): Model => ({ ...m, log: m.log.filter((e) => isSeen(m, e)) });
