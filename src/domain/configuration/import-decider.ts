import { isDeepStrictEqual } from 'node:util';
import { mayRead } from '../access/reads.ts';
import { accept, type Decision, refuse } from '../kit/decider.ts';
import { guard, type PreconditionRefusal } from '../kit/precondition.ts';
import type { OwnSettings } from './columns.ts';
import { afterChanges } from './decider.ts';
import { importChanges } from './import-changes.ts';
import { deletedNames, deletedRows, unassignments } from './import-deletions.ts';
import type { ImportCommand, ImportPart, ImportProblem, Wanted } from './import-wanted.ts';
import type { ConfigurationChange } from './imports.ts';
import { problemsOfRow } from './row-problems.ts';
import { type RuleKind, type RuleMaps, ruleKinds } from './rule-state.ts';
import { type Configuration, DEFAULT_ROW, settingsOf } from './state.ts';
import { unusableName } from './unusable-name.ts';

export type ImportRefusal = PreconditionRefusal | { readonly code: 'INVALID_IMPORT'; readonly problems: readonly ImportProblem[] };

/** Retired queues that one import may let take bookings again: their facts stand beside the commit of a large one. */
const MOST_REINSTATED = 100;

const isHidden = ({ reads }: ImportCommand, state: Configuration, queue: string): boolean =>
  queue !== DEFAULT_ROW && state.queues.has(queue) && !mayRead(reads, queue);

const hidden = (command: ImportCommand, state: Configuration): readonly ImportProblem[] => {
  const { wanted } = command;
  const message = 'is a name that you can’t give or change';
  return [
    ...[...(wanted.queues?.keys() ?? [])]
      .filter((queue) => isHidden(command, state, queue))
      .map((name) => ({ part: 'queues' as const, name, field: 'queue', message })),
    ...[...(wanted.assignments?.keys() ?? [])]
      .filter((queue) => isHidden(command, state, queue))
      .map((name) => ({ part: 'assignments' as const, name, field: 'queue', message })),
  ];
};

/** Names that can't be given to what the import would make. */
const unusableNames = ({ wanted }: ImportCommand, { queues, businessHours, rules }: Configuration): readonly ImportProblem[] => {
  const problems = (part: ImportPart, field: string, names: Iterable<string> = [], isThere: (name: string) => boolean) =>
    [...names].flatMap((name): readonly ImportProblem[] => {
      const unusable = unusableName(name, isThere(name));
      return unusable === undefined ? [] : [{ part, name, field, message: unusable.message }];
    });
  return [
    ...problems('businessHours', 'name', wanted.businessHours?.keys(), (name) => businessHours.has(name)),
    ...problems('queues', 'queue', wanted.queues?.keys(), (name) => queues.has(name)),
    ...ruleKinds.flatMap((kind) => problems(kind, 'name', wanted.rules?.[kind]?.keys(), (name) => rules.named[kind].has(name))),
  ];
};

const unknownRules = ({ wanted }: ImportCommand, after: Configuration): readonly ImportProblem[] => {
  const has = <K extends RuleKind>(kind: K, name: string): boolean => {
    const rows: RuleMaps[K] = after.rules.named[kind];
    return rows.has(name);
  };
  return [...(wanted.assignments ?? [])].flatMap(([queue, names]) => {
    const problem = (field: string, message: string): ImportProblem => ({ part: 'assignments', name: queue, field, message });
    if (queue === DEFAULT_ROW || !after.queues.has(queue)) return [problem('queue', 'there is no queue of that name')];
    return ruleKinds.flatMap((kind) => {
      const name = names[kind] ?? null;
      return name === null || has(kind, name) ? [] : [problem(kind, 'there is no rule of this kind and name')];
    });
  });
};

/** Rows that change, or get a capacity rule, have to be right. Of hidden ones nothing more is said, for it would tell what they are like. */
const rowProblems = (command: ImportCommand, state: Configuration, after: Configuration): readonly ImportProblem[] => {
  const { wanted } = command;
  const named = new Set([...(wanted.queues?.keys() ?? []), ...(wanted.assignments?.keys() ?? [])]);
  return [...named]
    .filter((queue) => !isHidden(command, state, queue))
    .flatMap((queue) =>
      problemsOfRow(state, after, queue).map(({ column, message, queues }): ImportProblem => {
        const part = wanted.queues?.has(queue) === true ? 'queues' : 'assignments';
        return { part, name: queue, field: part === 'queues' ? column : 'capacity', message, ...(queues && { queues }) };
      }),
    );
};

/** Rows with what they keep. */
const completed = (wanted: Wanted, state: Configuration): Wanted => {
  const { queues, kept = [] } = wanted;
  if (queues === undefined || kept.length === 0) return wanted;
  const keeping = (queue: string, settings: OwnSettings): OwnSettings => {
    const row = state.queues.get(queue);
    const own = row === undefined || row.retired !== undefined ? {} : row.own;
    return { ...Object.fromEntries(kept.flatMap((column) => (own[column] === undefined ? [] : [[column, own[column]]]))), ...settings };
  };
  return { ...wanted, queues: new Map([...queues].map(([queue, settings]) => [queue, keeping(queue, settings)])) };
};

const notInherited = (command: ImportCommand, before: Configuration, after: Configuration): readonly ImportProblem[] =>
  [...(command.wanted.inherited ?? [])].flatMap(([queue, values]) =>
    Object.entries(isHidden(command, before, queue) ? {} : values).flatMap(([field, value]): readonly ImportProblem[] => {
      const inForce = [before, after].map((state) => new Map<string, unknown>(Object.entries(settingsOf(state, queue) ?? {})).get(field));
      if (inForce.some((one) => isDeepStrictEqual(one, value))) return [];
      const message = 'is under inherited, and isn’t the value that is inherited: take it out there to set it, or leave out the value';
      return [{ part: 'queues', name: queue, field, message }];
    }),
  );

/**
 * Decides on a whole import (2.5): every change of it, or every problem that it has. What it comes to is held to the same rules as edits
 * one by one, whatever order they would need.
 */
export const decideImport = (asked: ImportCommand, state: Configuration): Decision<ConfigurationChange, ImportRefusal> => {
  const wanted = completed(asked.wanted, state);
  const command = { ...asked, wanted };
  const { reads, precondition, etag, now } = command;
  const refusal = precondition && guard(etag(state, reads), precondition);
  if (refusal) return refuse(refusal);
  const gone = deletedRows(command, state);
  const changes = [...importChanges(wanted, state, now), ...unassignments(command, state), ...gone.events];
  const rest = afterChanges(state, changes);
  const unused = deletedNames(command, state, rest);
  const events = [...changes, ...unused.events];
  const after = afterChanges(rest, unused.events);
  const reinstated = events.filter(({ type }) => type === 'QueueReinstated').length;
  const problems: readonly ImportProblem[] = [
    ...hidden(command, state),
    ...unusableNames(command, state),
    ...unknownRules(command, after),
    ...rowProblems(command, state, after),
    ...notInherited(command, state, after),
    ...gone.problems,
    ...unused.problems,
    ...(reinstated > MOST_REINSTATED
      ? [{ part: 'queues' as const, name: '', message: `would let more than ${MOST_REINSTATED} retired queues take bookings again` }]
      : []),
  ];
  return problems.length > 0 ? refuse({ code: 'INVALID_IMPORT', problems }) : accept(...events);
};
