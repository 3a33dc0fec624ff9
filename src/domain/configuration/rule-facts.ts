import type { RuleEvent } from './rule-events.ts';
import type { RuleKind, RuleOf } from './rule-state.ts';

type Whole<R> = { readonly name: string; readonly rule: R; readonly at: string };
type Edit<R> = { readonly name: string; readonly before: R; readonly after: R; readonly at: string };
type Unassignment = { readonly queue: string; readonly name: string; readonly at: string };
type Assignment = Unassignment & { readonly before: string | null };

/** The facts that there are of one kind of rule. */
export type RuleFacts<R> = {
  readonly created: (data: Whole<R>) => RuleEvent;
  readonly changed: (data: Edit<R>) => RuleEvent;
  readonly deleted: (data: Whole<R>) => RuleEvent;
  readonly assigned: (data: Assignment) => RuleEvent;
  readonly unassigned: (data: Unassignment) => RuleEvent;
};

export const ruleFacts: { readonly [K in RuleKind]: RuleFacts<RuleOf[K]> } = {
  numbers: {
    created: (data) => ({ type: 'NumberRuleCreated', data }),
    changed: (data) => ({ type: 'NumberRuleChanged', data }),
    deleted: (data) => ({ type: 'NumberRuleDeleted', data }),
    assigned: (data) => ({ type: 'NumberRuleAssigned', data }),
    unassigned: (data) => ({ type: 'NumberRuleUnassigned', data }),
  },
  capacity: {
    created: (data) => ({ type: 'CapacityRuleCreated', data }),
    changed: (data) => ({ type: 'CapacityRuleChanged', data }),
    deleted: (data) => ({ type: 'CapacityRuleDeleted', data }),
    assigned: (data) => ({ type: 'CapacityRuleAssigned', data }),
    unassigned: (data) => ({ type: 'CapacityRuleUnassigned', data }),
  },
  regions: {
    created: (data) => ({ type: 'RegionRuleCreated', data }),
    changed: (data) => ({ type: 'RegionRuleChanged', data }),
    deleted: (data) => ({ type: 'RegionRuleDeleted', data }),
    assigned: (data) => ({ type: 'RegionRuleAssigned', data }),
    unassigned: (data) => ({ type: 'RegionRuleUnassigned', data }),
  },
};
