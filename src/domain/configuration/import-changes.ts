import type { Decision } from '../kit/decider.ts';
import type { Precondition } from '../kit/precondition.ts';
import { decideBusinessHours } from './business-hours.ts';
import type { OwnSettings } from './columns.ts';
import { rowChange } from './decider.ts';
import type { BusinessHours } from './events.ts';
import type { Wanted, WantedNames } from './import-wanted.ts';
import type { ConfigurationChange } from './imports.ts';
import { putRule } from './rule-decider.ts';
import { ruleFacts } from './rule-facts.ts';
import { NO_RULES, type RuleKind, type RuleMaps, type RuleNames, ruleKinds } from './rule-state.ts';
import { type Configuration, DEFAULT_ROW } from './state.ts';

type Changes = readonly ConfigurationChange[];

const anyVersion = (isThere: boolean): Precondition => (isThere ? { ifMatch: '*' } : {});
const eventsOf = <E, R>(decision: Decision<E, R>): readonly E[] => (decision.ok ? decision.events : []);

const hours = (wanted: ReadonlyMap<string, BusinessHours>, state: Configuration, now: string): Changes =>
  [...wanted].flatMap(([name, hours]) =>
    eventsOf(
      decideBusinessHours({ type: 'PutBusinessHours', name, hours, precondition: anyVersion(state.businessHours.has(name)), now }, state),
    ),
  );

const rulesOf = <K extends RuleKind>(kind: K, wanted: Wanted['rules'], state: Configuration, now: string): Changes => {
  const rows: RuleMaps[K] = state.rules.named[kind];
  return [...(wanted?.[kind] ?? [])].flatMap(([name, rule]) =>
    eventsOf(putRule(kind, rule, { name, precondition: anyVersion(rows.has(name)), now }, state)),
  );
};

/** The default row comes first, for the others take from it. */
const rows = (wanted: ReadonlyMap<string, OwnSettings>, state: Configuration, now: string): Changes =>
  [...wanted]
    .sort(([a], [b]) => Number(b === DEFAULT_ROW) - Number(a === DEFAULT_ROW))
    .flatMap(([queue, settings]) => rowChange(queue, state.queues.get(queue), settings, now));

/** What is given to a queue and taken from it; rules and queues that there aren't are for the decider to refuse. */
const assignmentsOf = (queue: string, names: WantedNames, state: Configuration, at: string): Changes => {
  const current: RuleNames = state.rules.assigned.get(queue) ?? NO_RULES;
  return ruleKinds.flatMap((kind): Changes => {
    const name = names[kind];
    const before = current[kind];
    if (name === undefined || name === before) return [];
    if (name !== null) return [ruleFacts[kind].assigned({ queue, name, before, at })];
    return before === null ? [] : [ruleFacts[kind].unassigned({ queue, name: before, at })];
  });
};

/** The facts that make of a configuration what an import says; what it says nothing of stays as it is. */
export const importChanges = ({ businessHours, queues, rules, assignments }: Wanted, state: Configuration, now: string): Changes => [
  ...hours(businessHours ?? new Map(), state, now),
  ...ruleKinds.flatMap((kind) => rulesOf(kind, rules, state, now)),
  ...rows(queues ?? new Map(), state, now),
  ...[...(assignments ?? [])].flatMap(([queue, names]) => assignmentsOf(queue, names, state, now)),
];
