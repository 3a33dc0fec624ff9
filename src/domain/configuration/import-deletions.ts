import { mayRead } from '../access/reads.ts';
import { usersOf } from './business-hours.ts';
import type { ImportCommand, ImportProblem } from './import-wanted.ts';
import type { ConfigurationChange } from './imports.ts';
import { ruleFacts } from './rule-facts.ts';
import { NO_RULES, queuesWith, type RuleKind, type RuleMaps, ruleKinds } from './rule-state.ts';
import { type Configuration, DEFAULT_ROW } from './state.ts';

type Found = { readonly events: readonly ConfigurationChange[]; readonly problems: readonly ImportProblem[] };
const NOTHING: Found = { events: [], problems: [] };
const together = (found: readonly Found[]): Found => ({
  events: found.flatMap(({ events }) => events),
  problems: found.flatMap(({ problems }) => problems),
});

/** Rules are taken from the queues that the import gives none. */
export const unassignments = ({ wanted, replace, reads, now: at }: ImportCommand, state: Configuration): readonly ConfigurationChange[] => {
  const { assignments } = wanted;
  if (!replace || assignments === undefined) return [];
  return [...state.rules.assigned].flatMap(([queue, names]) =>
    assignments.has(queue) || !mayRead(reads, queue) || state.queues.get(queue)?.retired !== undefined
      ? []
      : ruleKinds.flatMap((kind) => {
          const name = names[kind] ?? NO_RULES[kind];
          return name === null ? [] : [ruleFacts[kind].unassigned({ queue, name, at })];
        }),
  );
};

/** Neither the default row nor a retired queue is deleted for not being named; the latter goes by itself. */
const rows = ({ wanted, reads, openCallbacks, now: at }: ImportCommand, state: Configuration): Found => {
  const { queues } = wanted;
  if (queues === undefined) return NOTHING;
  const left = [...state.queues].filter(
    ([queue, { retired }]) => queue !== DEFAULT_ROW && retired === undefined && mayRead(reads, queue) && !queues.has(queue),
  );
  return together(
    left.map(([queue, { own }]): Found => {
      const open = openCallbacks(queue);
      if (open === 0) return { events: [{ type: 'QueueDeleted', data: { queue, settings: { ...own }, at } }], problems: [] };
      const message = `would be deleted, and has ${open} open callbacks: take it into the import, or retire it first`;
      return { events: [], problems: [{ part: 'queues', name: queue, message }] };
    }),
  );
};

const rulesOf = <K extends RuleKind>(kind: K, { wanted, now: at }: ImportCommand, state: Configuration, after: Configuration): Found => {
  const named = wanted.rules?.[kind];
  if (named === undefined) return NOTHING;
  const before: RuleMaps[K] = state.rules.named[kind];
  return together(
    [...before]
      .filter(([name]) => !named.has(name))
      .map(([name, { rule }]): Found => {
        const queues = queuesWith(after.rules, kind, name);
        if (queues.length === 0) return { events: [ruleFacts[kind].deleted({ name, rule, at })], problems: [] };
        return { events: [], problems: [{ part: kind, name, message: 'would be deleted, and is assigned', queues }] };
      }),
  );
};

const hours = ({ wanted, now: at }: ImportCommand, state: Configuration, after: Configuration): Found => {
  const named = wanted.businessHours;
  if (named === undefined) return NOTHING;
  return together(
    [...state.businessHours]
      .filter(([name]) => !named.has(name))
      .map(([name, row]): Found => {
        const queues = usersOf(after, name);
        if (queues.length === 0) return { events: [{ type: 'BusinessHoursDeleted', data: { name, hours: row.hours, at } }], problems: [] };
        return { events: [], problems: [{ part: 'businessHours', name, message: 'would be deleted, and rows name it', queues }] };
      }),
  );
};

/** Queues that an import leaves out and replaces. */
export const deletedRows = (command: ImportCommand, state: Configuration): Found => (command.replace ? rows(command, state) : NOTHING);

/** Rules and business hours that an import leaves out and replaces; `after` is what the rest of it comes to. */
export const deletedNames = (command: ImportCommand, state: Configuration, after: Configuration): Found =>
  command.replace ? together([...ruleKinds.map((kind) => rulesOf(kind, command, state, after)), hours(command, state, after)]) : NOTHING;
