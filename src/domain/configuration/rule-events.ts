import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';
import { storedCapacityRule } from '../rules/capacity-rule.ts';
import { storedNumberRule } from '../rules/number-rule.ts';
import { storedRegionRule } from '../rules/region-rule.ts';

const name = z.string();
const queue = z.string();

const whole = <R extends z.ZodObject>(rule: R) => ({ v: 1 as const, data: z.object({ name, rule, at: instant }), personal: [] as const });
const edit = <R extends z.ZodObject>(rule: R) => ({
  v: 1 as const,
  data: z.object({ name, before: rule, after: rule, at: instant }),
  personal: [] as const,
});
/** `before` is the rule that this one takes the place of. */
const assigned = { v: 1 as const, data: z.object({ queue, name, before: name.nullable(), at: instant }), personal: [] as const };
const unassigned = { v: 1 as const, data: z.object({ queue, name, at: instant }), personal: [] as const };

/** The three kinds of rules, and which queue has which (4), in the stream `configuration`. */
export const ruleEvents = {
  NumberRuleCreated: whole(storedNumberRule),
  NumberRuleChanged: edit(storedNumberRule),
  NumberRuleDeleted: whole(storedNumberRule),
  NumberRuleAssigned: assigned,
  NumberRuleUnassigned: unassigned,
  CapacityRuleCreated: whole(storedCapacityRule),
  CapacityRuleChanged: edit(storedCapacityRule),
  CapacityRuleDeleted: whole(storedCapacityRule),
  CapacityRuleAssigned: assigned,
  CapacityRuleUnassigned: unassigned,
  RegionRuleCreated: whole(storedRegionRule),
  RegionRuleChanged: edit(storedRegionRule),
  RegionRuleDeleted: whole(storedRegionRule),
  RegionRuleAssigned: assigned,
  RegionRuleUnassigned: unassigned,
} as const satisfies Catalogue;

export type RuleEvent = EventOf<typeof ruleEvents>;
export const isRuleEvent = <E extends { readonly type: string }>(event: E): event is E & RuleEvent => event.type in ruleEvents;
