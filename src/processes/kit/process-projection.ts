import type { Event, Projection } from '../../projections/kit/projection.ts';
import type { Process, Todo } from './process.ts';
import { sameJson } from './same-json.ts';

/** A to-do entry as it is kept. `cause` is the id of the event that made it what it is; it and its correlation id go to the command. */
export type Entry = Todo & { readonly cause: string; readonly correlationId: string; readonly position: string };

/** An instance: its state, and what it owes. */
export type ProcessRow = { readonly key: string; readonly state: unknown; readonly entries: Readonly<Record<string, Entry>> };

const sameTodo = (a: Todo, b: Todo): boolean => a.group === b.group && a.anchor === b.anchor && sameJson(a.command, b.command);

const entriesAfter = (before: ProcessRow['entries'], todo: Readonly<Record<string, Todo>>, event: Event): ProcessRow['entries'] => {
  const { id: cause, position, metadata } = event;
  const made = { cause, correlationId: metadata.correlationId, position: position.toString() };
  const names = Object.keys(todo);
  let changed = names.length !== Object.keys(before).length;
  const entries = Object.entries(todo).map(([name, { group, anchor, command }]): [string, Entry] => {
    const old = before[name];
    if (old !== undefined && sameTodo(old, { group, anchor, command })) return [name, old];
    changed = true;
    return [name, { group, anchor, command, ...made }];
  });
  return changed ? Object.fromEntries(entries) : before;
};

/**
 * A process as the fold that the projection engine runs: a row an instance. An entry is made anew only when it changed.
 * An instance that is back at the initial state and owes nothing is deleted, for the fold begins there anyway.
 */
export const processProjection = (process: Process): Projection<ProcessRow> => ({
  name: process.name,
  version: process.version,
  personal: false,
  columns: { key: 'text', state: 'jsonb', entries: 'jsonb' },
  keysOf: (event) => {
    const instance = process.instanceOf(event);
    return instance === undefined ? [] : [instance];
  },
  fold: (row, event, key) => {
    const before = row?.state ?? process.initial;
    const state = process.evolve(before, event);
    if (state === before) return row;
    const old = row?.entries ?? {};
    const entries = entriesAfter(old, process.todo(state, key), event);
    if (Object.keys(entries).length === 0 && sameJson(state, process.initial)) return undefined;
    return entries === old && row !== undefined && sameJson(state, before) ? row : { key, state, entries };
  },
});
