import type { CapacityRule } from '../rules/capacity-rule.ts';
import type { NumberRule } from '../rules/number-rule.ts';
import type { RegionRule } from '../rules/region-rule.ts';
import type { RuleEvent } from './rule-events.ts';

/** The kinds of rules (4), as the API names them, and what one of each is. */
export type RuleOf = { readonly numbers: NumberRule; readonly capacity: CapacityRule; readonly regions: RegionRule };
export type RuleKind = keyof RuleOf;
export const ruleKinds: readonly RuleKind[] = ['numbers', 'capacity', 'regions'];

type Change = { readonly updatedAt: string; readonly updatedBy: string; readonly revision: bigint };
/** A rule, and who changed it last. `revision` is that of the change, and makes the etag. */
export type RuleRow<R> = Change & { readonly rule: R };
/** The names of a queue's rules, at most one of each kind. */
export type RuleNames = { readonly [K in RuleKind]: string | null };

/** Rules by kind and name. */
export type RuleMaps = { readonly [K in RuleKind]: ReadonlyMap<string, RuleRow<RuleOf[K]>> };
/** Rules, and by queue those that it has; a queue that never had one isn't in there. */
export type Rules = { readonly named: RuleMaps; readonly assigned: ReadonlyMap<string, RuleNames & Change> };

export const NO_RULES: RuleNames = { numbers: null, capacity: null, regions: null };
export const initialRules: Rules = { named: { numbers: new Map(), capacity: new Map(), regions: new Map() }, assigned: new Map() };

const without = <V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> => {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
};

/** Folds one change of rules; `revision` and `by` are its own. */
export const evolveRules = (rules: Rules, event: RuleEvent, revision: bigint, by: string): Rules => {
  const change = { updatedAt: event.data.at, updatedBy: by, revision };
  const { numbers, capacity, regions } = rules.named;
  const named = (maps: Partial<RuleMaps>): Rules => ({ ...rules, named: { ...rules.named, ...maps } });
  const put = <R>(map: ReadonlyMap<string, RuleRow<R>>, name: string, rule: R) => new Map(map).set(name, { ...change, rule });
  const assign = (queue: string, names: Partial<RuleNames>): Rules => {
    const all = { ...(rules.assigned.get(queue) ?? NO_RULES), ...names, ...change };
    return { ...rules, assigned: new Map(rules.assigned).set(queue, all) };
  };
  switch (event.type) {
    case 'NumberRuleCreated':
      return named({ numbers: put(numbers, event.data.name, event.data.rule) });
    case 'NumberRuleChanged':
      return named({ numbers: put(numbers, event.data.name, event.data.after) });
    case 'NumberRuleDeleted':
      return named({ numbers: without(numbers, event.data.name) });
    case 'NumberRuleAssigned':
      return assign(event.data.queue, { numbers: event.data.name });
    case 'NumberRuleUnassigned':
      return assign(event.data.queue, { numbers: null });
    case 'CapacityRuleCreated':
      return named({ capacity: put(capacity, event.data.name, event.data.rule) });
    case 'CapacityRuleChanged':
      return named({ capacity: put(capacity, event.data.name, event.data.after) });
    case 'CapacityRuleDeleted':
      return named({ capacity: without(capacity, event.data.name) });
    case 'CapacityRuleAssigned':
      return assign(event.data.queue, { capacity: event.data.name });
    case 'CapacityRuleUnassigned':
      return assign(event.data.queue, { capacity: null });
    case 'RegionRuleCreated':
      return named({ regions: put(regions, event.data.name, event.data.rule) });
    case 'RegionRuleChanged':
      return named({ regions: put(regions, event.data.name, event.data.after) });
    case 'RegionRuleDeleted':
      return named({ regions: without(regions, event.data.name) });
    case 'RegionRuleAssigned':
      return assign(event.data.queue, { regions: event.data.name });
    case 'RegionRuleUnassigned':
      return assign(event.data.queue, { regions: null });
  }
};

/** A deleted queue has no rules; another one of its name begins without any. */
export const withoutQueue = (rules: Rules, queue: string): Rules =>
  rules.assigned.has(queue) ? { ...rules, assigned: without(rules.assigned, queue) } : rules;

/** The rule of a kind that a queue has; undefined for none. */
export const assignedRule = <K extends RuleKind>({ named, assigned }: Rules, kind: K, queue: string): RuleOf[K] | undefined => {
  const name = assigned.get(queue)?.[kind] ?? null;
  const rows: RuleMaps[K] = named[kind];
  return name === null ? undefined : rows.get(name)?.rule;
};

/** The queues that have a rule, by name. */
export const queuesWith = ({ assigned }: Rules, kind: RuleKind, name: string): readonly string[] =>
  [...assigned].flatMap(([queue, names]) => (names[kind] === name ? [queue] : [])).sort();
