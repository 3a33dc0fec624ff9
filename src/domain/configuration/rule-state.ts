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

type DraftMap<M> = M extends ReadonlyMap<infer K, infer V> ? Map<K, V> : never;
/** Rules that a fold of its own may change in place. */
export type RulesDraft = {
  readonly named: { readonly [K in RuleKind]: DraftMap<RuleMaps[K]> };
  readonly assigned: DraftMap<Rules['assigned']>;
};

export const rulesDraftOf = ({ named: { numbers, capacity, regions }, assigned }: Rules): RulesDraft => ({
  named: { numbers: new Map(numbers), capacity: new Map(capacity), regions: new Map(regions) },
  assigned: new Map(assigned),
});

/** Folds one change of rules into a draft, in place; `revision` and `by` are its own. */
export const accumulateRules = ({ named, assigned }: RulesDraft, event: RuleEvent, revision: bigint, by: string): void => {
  const change = { updatedAt: event.data.at, updatedBy: by, revision };
  const { numbers, capacity, regions } = named;
  const assign = (queue: string, names: Partial<RuleNames>): void => {
    assigned.set(queue, { ...(assigned.get(queue) ?? NO_RULES), ...names, ...change });
  };
  switch (event.type) {
    case 'NumberRuleCreated':
      numbers.set(event.data.name, { ...change, rule: event.data.rule });
      return;
    case 'NumberRuleChanged':
      numbers.set(event.data.name, { ...change, rule: event.data.after });
      return;
    case 'NumberRuleDeleted':
      numbers.delete(event.data.name);
      return;
    case 'NumberRuleAssigned':
      assign(event.data.queue, { numbers: event.data.name });
      return;
    case 'NumberRuleUnassigned':
      assign(event.data.queue, { numbers: null });
      return;
    case 'CapacityRuleCreated':
      capacity.set(event.data.name, { ...change, rule: event.data.rule });
      return;
    case 'CapacityRuleChanged':
      capacity.set(event.data.name, { ...change, rule: event.data.after });
      return;
    case 'CapacityRuleDeleted':
      capacity.delete(event.data.name);
      return;
    case 'CapacityRuleAssigned':
      assign(event.data.queue, { capacity: event.data.name });
      return;
    case 'CapacityRuleUnassigned':
      assign(event.data.queue, { capacity: null });
      return;
    case 'RegionRuleCreated':
      regions.set(event.data.name, { ...change, rule: event.data.rule });
      return;
    case 'RegionRuleChanged':
      regions.set(event.data.name, { ...change, rule: event.data.after });
      return;
    case 'RegionRuleDeleted':
      regions.delete(event.data.name);
      return;
    case 'RegionRuleAssigned':
      assign(event.data.queue, { regions: event.data.name });
      return;
    case 'RegionRuleUnassigned':
      assign(event.data.queue, { regions: null });
      return;
  }
};

/** The rule of a kind that a queue has; undefined for none. */
export const assignedRule = <K extends RuleKind>({ named, assigned }: Rules, kind: K, queue: string): RuleOf[K] | undefined => {
  const name = assigned.get(queue)?.[kind] ?? null;
  const rows: RuleMaps[K] = named[kind];
  return name === null ? undefined : rows.get(name)?.rule;
};

/** The queues that have a rule, by name. */
export const queuesWith = ({ assigned }: Rules, kind: RuleKind, name: string): readonly string[] =>
  [...assigned].flatMap(([queue, names]) => (names[kind] === name ? [queue] : [])).sort();
