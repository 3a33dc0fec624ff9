import { accessEvents } from '../access/events.ts';
import { mayRead, type Reads } from '../access/reads.ts';
import type { DomainEvent } from '../catalogue.ts';
import { configurationEvents } from '../configuration/events.ts';
import { DEFAULT_ROW } from '../configuration/state.ts';
import type { JsonObject } from '../kit/events.ts';
import { operationsEvents } from '../operations/events.ts';

/** Fields that name queues, however deep they lie. */
const naming = new Set(['queue', 'queues', 'covers']);

const collect = (value: unknown, found: Set<string>): void => {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found);
    return;
  }
  for (const [name, field] of Object.entries(value)) {
    if (!naming.has(name)) collect(field, found);
    else for (const queue of Array.isArray(field) ? field : [field]) if (typeof queue === 'string') found.add(queue);
  }
};

/** Types that concern everybody where they name no queue. */
const mayNameNone = (type: string): boolean => type in configurationEvents || type in accessEvents;

/**
 * The queues that somebody must read to see an event in the audit (8.2), in order; the default row is everybody's. Null: those who read
 * every queue alone, for the event doesn't say whose callback or work it speaks of.
 */
export const queuesOf = (event: DomainEvent): readonly string[] | null => {
  const found = new Set<string>();
  collect(event.data, found);
  found.delete(DEFAULT_ROW);
  if (event.type in operationsEvents) return null;
  const isOfAll = mayNameNone(event.type) || (event.type === 'PersonalDataRead' && event.data.callbackId === null);
  return found.size > 0 || isOfAll ? [...found].sort() : null;
};

/** Kinds of things whose history may be asked for, beside streams (9.4). */
export const subjectKinds = ['queue', 'calendar', 'numbers', 'capacity', 'regions', 'group', 'folder', 'user', 'key', 'callback'] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** One thing with a history: `queue/sales`, `numbers/no-premium`. */
export const subject = (kind: SubjectKind, name: string): string => `${kind}/${name}`;

const rules = { NumberRule: 'numbers', CapacityRule: 'capacity', RegionRule: 'regions' } as const;
const isRuleFamily = (text: string): text is keyof typeof rules => text in rules;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The things that a change of the configuration belongs to the history of, also one inside a part of an import. */
export const subjectsOfChange = (type: string, { queue, name, before }: JsonObject): readonly string[] => {
  const [, family = '', what] = /^(\w+Rule)(\w+)$/.exec(type) ?? [];
  const [ofQueue, named, replaced] = [text(queue), text(name), what === 'Assigned' ? text(before) : undefined];
  const queues = ofQueue === undefined ? [] : [subject('queue', ofQueue)];
  if (!isRuleFamily(family)) return named === undefined ? queues : [subject('calendar', named)];
  return [...queues, ...[named, replaced].flatMap((rule) => (rule === undefined ? [] : [subject(rules[family], rule)]))];
};

const isAccess = (event: DomainEvent): event is Extract<DomainEvent, { type: keyof typeof accessEvents }> => event.type in accessEvents;

type ChangeOfPart = Extract<DomainEvent, { type: 'ImportPartAdded' }>['data']['changes'][number];

/** The queue that a change inside a part of an import is about; undefined for what is everybody's. */
const queueOfChange = ({ data: { queue } }: ChangeOfPart): string | undefined => (queue === DEFAULT_ROW ? undefined : text(queue));

/** Whether a change inside a part of an import is there for somebody (8.2). */
export const isChangeFor = (reads: Reads, change: ChangeOfPart): boolean => {
  const queue = queueOfChange(change);
  return queue === undefined || mayRead(reads, queue);
};

/** What a part of an import says of one thing, or of any (no subject), to those who read a queue, or to everybody (no queue). */
export const scope = (queue?: string, of?: string): string => JSON.stringify([queue ?? null, of ?? null]);

/** What a part of an import can be found by for those who don't read all queues that it names, each once; none for other events. */
export const scopesOf = (event: DomainEvent): readonly string[] => {
  if (event.type !== 'ImportPartAdded') return [];
  const found = event.data.changes.flatMap((change) => {
    const queue = queueOfChange(change);
    return [undefined, ...subjectsOfChange(change.type, change.data)].map((of) => scope(queue, of));
  });
  return [...new Set(found)];
};

/** The things that an event belongs to the history of, each once; none for events of a callback, whose stream is its history. */
export const subjectsOf = (event: DomainEvent): readonly string[] => {
  if (event.type === 'ImportPartAdded') return [...new Set(event.data.changes.flatMap(({ type, data }) => subjectsOfChange(type, data)))];
  if (event.type in configurationEvents) return subjectsOfChange(event.type, event.data);
  if (event.type === 'PersonalDataRead') return event.data.callbackId === null ? [] : [subject('callback', event.data.callbackId)];
  if (!isAccess(event)) return [];
  const { data } = event;
  if ('apiKeyId' in data) return [subject('key', data.apiKeyId)];
  if ('group' in data) return [subject('group', data.group)];
  return 'folder' in data ? [subject('folder', data.folder)] : [subject('user', data.user)];
};
