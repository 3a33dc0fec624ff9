import type { Reads } from '../access/reads.ts';
import type { DomainEvent } from '../catalogue.ts';
import type { JsonObject } from '../kit/events.ts';
import { isChangeFor, subjectsOfChange } from './about.ts';

/** What proves somebody is nobody's to read, not even hashed. */
const secrets: ReadonlySet<string> = new Set(['hash', 'passwordHash']);

/** What was there before a change and after it: of a thing that was made or deleted the whole, of an edit what it touched; null is nothing. */
export type BeforeAndAfter = { readonly before: unknown; readonly after: unknown };

const isChange = (value: unknown): value is BeforeAndAfter =>
  typeof value === 'object' && value !== null && 'before' in value && 'after' in value;

/** What a change of settings, hours, rules or their assignment was from and to; undefined for other events. */
export const changeOf = (type: string, data: JsonObject): BeforeAndAfter | undefined => {
  const { changes, settings, lastValues, hours, rule, name } = data;
  if (type === 'QueueRetired') return { before: settings, after: lastValues };
  if (typeof changes === 'object' && changes !== null && !Array.isArray(changes)) {
    const touched = Object.entries(changes).filter((entry): entry is [string, BeforeAndAfter] => isChange(entry[1]));
    const side = (of: keyof BeforeAndAfter) => Object.fromEntries(touched.map(([column, change]) => [column, change[of]]));
    return { before: side('before'), after: side('after') };
  }
  if (isChange(data)) return { before: data.before, after: data.after };
  const whole = settings ?? hours ?? rule;
  if (whole !== undefined) return type.endsWith('Deleted') ? { before: whole, after: null } : { before: null, after: whole };
  if (type.endsWith('RuleAssigned')) return { before: data.before, after: name };
  return type.endsWith('RuleUnassigned') ? { before: name, after: null } : undefined;
};

/**
 * What an event says, as the audit shows it to somebody: of an import only what concerns queues that he reads (8.2), and where the history of
 * one thing is asked for, what it says of that.
 */
export const shownData = (event: DomainEvent, reads: Reads, of?: string): JsonObject => {
  if (event.type === 'ImportBegun' && reads !== 'all') {
    const { changes: _, ...data } = event.data;
    return data;
  }
  if (event.type === 'ImportPartAdded') {
    const concerned = event.data.changes.filter(
      (change) => isChangeFor(reads, change) && (of === undefined || subjectsOfChange(change.type, change.data).includes(of)),
    );
    return { ...event.data, changes: concerned.map(({ type, data }) => ({ type, data, ...changeOf(type, data) })) };
  }
  return Object.fromEntries(Object.entries(event.data).filter(([name]) => !secrets.has(name)));
};
