import { isDeepStrictEqual } from 'node:util';
import { accept, type Decision, refuse } from '../kit/decider.ts';
import { guard, type Precondition, type PreconditionRefusal } from '../kit/precondition.ts';
import { withDuration } from '../rules/capacity-duration.ts';
import type { CapacityRule, CapacityStatement } from '../rules/capacity-rule.ts';
import type { RuleEvent } from './rule-events.ts';
import { ruleFacts } from './rule-facts.ts';
import { capacityMisfit } from './rule-fit.ts';
import { NO_RULES, queuesWith, type RuleKind, type RuleMaps, type RuleNames, type RuleOf, ruleKinds } from './rule-state.ts';
import { type Configuration, DEFAULT_ROW, settingsOf } from './state.ts';
import { type UnusableName, unusableName } from './unusable-name.ts';

type UnknownRule = { readonly code: 'UNKNOWN_RULE'; readonly kind: RuleKind };
/** Why rules aren't assigned. */
export type AssignmentRefusal =
  | PreconditionRefusal
  | UnknownRule
  | { readonly code: 'UNKNOWN_QUEUE' }
  | { readonly code: 'CAPACITY_MISFIT'; readonly message: string };
/** Why a rule isn't deleted. */
export type DeletionRefusal = PreconditionRefusal | UnknownRule | { readonly code: 'RULE_ASSIGNED'; readonly queues: readonly string[] };
/** Why a rule isn't made or changed. */
export type PutRuleRefusal = PreconditionRefusal | UnusableName;
export type RuleRefusal = AssignmentRefusal | DeletionRefusal | PutRuleRefusal;
export type RuleDecision = Decision<RuleEvent, RuleRefusal>;

type Edit = { readonly name: string; readonly precondition: Precondition; readonly now: string };

export const ruleEtag = ({ revision }: { readonly revision: bigint }): string => `"${revision}"`;
/** The etag of what a queue has assigned, which is there as long as the queue is: nothing at first. */
export const assignmentEtag = ({ rules }: Configuration, queue: string): string =>
  ruleEtag({ revision: rules.assigned.get(queue)?.revision ?? 0n });

const rowOf = <K extends RuleKind>({ rules }: Configuration, kind: K, name: string) => {
  const rows: RuleMaps[K] = rules.named[kind];
  return rows.get(name);
};

/** Makes a rule, or replaces what it says (4). */
export const putRule = <K extends RuleKind>(
  kind: K,
  rule: RuleOf[K],
  { name, precondition, now: at }: Edit,
  state: Configuration,
): Decision<RuleEvent, PutRuleRefusal> => {
  const row = rowOf(state, kind, name);
  const refusal = guard(row && ruleEtag(row), precondition) ?? unusableName(name, row !== undefined);
  if (refusal !== undefined) return refuse(refusal);
  if (row === undefined) return accept(ruleFacts[kind].created({ name, rule, at }));
  return isDeepStrictEqual(row.rule, rule) ? accept() : accept(ruleFacts[kind].changed({ name, before: row.rule, after: rule, at }));
};

/** Replaces the weekly part of a capacity rule (4.2). Its exceptions stay, for time slots of the statement's length. */
export const putStatement = (statement: CapacityStatement, edit: Edit, state: Configuration): Decision<RuleEvent, PutRuleRefusal> => {
  const now = rowOf(state, 'capacity', edit.name)?.rule;
  const exceptions: CapacityRule['exceptions'] = now === undefined ? [] : withDuration(now, statement.duration).exceptions;
  return putRule('capacity', { ...statement, exceptions }, edit, state);
};

/** Deletes a rule that no queue has. */
export const deleteRule = (
  kind: RuleKind,
  { name, precondition, now: at }: Edit,
  state: Configuration,
): Decision<RuleEvent, DeletionRefusal> => {
  const remove = <K extends RuleKind>(of: K): Decision<RuleEvent, DeletionRefusal> => {
    const row = rowOf(state, of, name);
    if (row === undefined) return refuse({ code: 'UNKNOWN_RULE', kind: of });
    const refusal = guard(ruleEtag(row), precondition);
    if (refusal !== undefined) return refuse(refusal);
    const queues = queuesWith(state.rules, of, name);
    return queues.length > 0 ? refuse({ code: 'RULE_ASSIGNED', queues }) : accept(ruleFacts[of].deleted({ name, rule: row.rule, at }));
  };
  return remove(kind);
};

/** Gives a queue rules by name, one of each kind that is named; null takes one away. Its version may be named and needn't (4). */
export const assignRules = (
  { queue, names, precondition, now: at }: { queue: string; names: Partial<RuleNames>; precondition: Precondition; now: string },
  state: Configuration,
): Decision<RuleEvent, AssignmentRefusal> => {
  const settings = queue === DEFAULT_ROW ? undefined : settingsOf(state, queue);
  if (settings === undefined) return refuse({ code: 'UNKNOWN_QUEUE' });
  const { ifMatch = '*', ifNoneMatch } = precondition;
  const refusal = guard(assignmentEtag(state, queue), { ifMatch, ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }) });
  if (refusal !== undefined) return refuse(refusal);
  const current: RuleNames = state.rules.assigned.get(queue) ?? NO_RULES;
  const events: RuleEvent[] = [];
  for (const kind of ruleKinds) {
    const name = names[kind];
    const before = current[kind];
    if (name === undefined || name === before) continue;
    if (name === null) {
      if (before !== null) events.push(ruleFacts[kind].unassigned({ queue, name: before, at }));
      continue;
    }
    if (rowOf(state, kind, name) === undefined) return refuse({ code: 'UNKNOWN_RULE', kind });
    const misfit = kind === 'capacity' ? capacityMisfit(settings) : undefined;
    if (misfit !== undefined) return refuse({ code: 'CAPACITY_MISFIT', message: `${misfit.column} ${misfit.message}` });
    events.push(ruleFacts[kind].assigned({ queue, name, before, at }));
  }
  return accept(...events);
};
