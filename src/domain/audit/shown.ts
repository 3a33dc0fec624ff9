import type { DomainEvent } from '../catalogue.ts';
import type { JsonObject } from '../kit/events.ts';

/** What proves somebody is nobody's to read, not even hashed. */
const secrets: ReadonlySet<string> = new Set(['hash', 'passwordHash']);

/** What an event says, as the audit shows it. */
export const shownData = ({ data }: DomainEvent): JsonObject =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !secrets.has(name)));

type Change = { readonly before: unknown; readonly after: unknown };
/** What was there before a change and after it: of a thing that was made or deleted the whole, of an edit what it touched; null is nothing. */
export type BeforeAndAfter = Change;

const isChange = (value: unknown): value is Change => typeof value === 'object' && value !== null && 'before' in value && 'after' in value;

/** What a change of settings, hours, rules or their assignment was from and to; undefined for other events. */
export const changeOf = ({ type, data }: DomainEvent): BeforeAndAfter | undefined => {
  if ('changes' in data) {
    const changes = Object.entries(data.changes).filter((entry): entry is [string, Change] => isChange(entry[1]));
    const side = (of: keyof Change) => Object.fromEntries(changes.map(([name, change]) => [name, change[of]]));
    return { before: side('before'), after: side('after') };
  }
  if ('before' in data && 'after' in data) return { before: data.before, after: data.after };
  const whole = 'settings' in data ? data.settings : 'hours' in data ? data.hours : 'rule' in data ? data.rule : undefined;
  if (whole !== undefined) return type.endsWith('Deleted') ? { before: whole, after: null } : { before: null, after: whole };
  if (type.endsWith('RuleAssigned') && 'name' in data && 'before' in data) return { before: data.before, after: data.name };
  return type.endsWith('RuleUnassigned') && 'name' in data ? { before: data.name, after: null } : undefined;
};
