import { type OperationsEvent, operationsEvents } from '../../domain/operations/events.ts';
import type { Event, Projection } from '../../projections/kit/projection.ts';
import type { Process, Todo } from './process.ts';
import { sameJson } from './same-json.ts';

/**
 * A to-do entry as it is kept. `cause` is the id of the event that made it what it is; it and its correlation id go to the command.
 * One that an operator dropped is owed no more, and kept so that it isn't made again until what is owed has changed.
 */
export type Entry = Todo & {
  readonly cause: string;
  readonly correlationId: string;
  readonly position: string;
  readonly dropped: boolean;
};

/** An instance: its state, and what it owes. */
export type ProcessRow = { readonly key: string; readonly state: unknown; readonly entries: Readonly<Record<string, Entry>> };

const sameTodo = (a: Todo, b: Todo): boolean => a.group === b.group && a.anchor === b.anchor && sameJson(a.command, b.command);

const madeBy = ({ id: cause, position, metadata: { correlationId } }: Event) => ({ cause, correlationId, position: position.toString() });

const entriesAfter = (before: ProcessRow['entries'], todo: Readonly<Record<string, Todo>>, event: Event): ProcessRow['entries'] => {
  const names = Object.keys(todo);
  let changed = names.length !== Object.keys(before).length;
  const entries = Object.entries(todo).map(([name, { group, anchor, command }]): [string, Entry] => {
    const old = before[name];
    if (old !== undefined && sameTodo(old, { group, anchor, command })) return [name, old];
    changed = true;
    return [name, { group, anchor, command, ...madeBy(event), dropped: false }];
  });
  return changed ? Object.fromEntries(entries) : before;
};

type Operated = Event & OperationsEvent;
const isOperated = (event: Event, process: string): event is Operated => event.type in operationsEvents && isOf(event, process);
const isOf = ({ data }: Event, process: string): boolean => 'process' in data && data.process === process;

/**
 * An operator's decision about an entry makes it anew: retried, the entry has all its tries again, and its command is caused by the
 * decision; dropped, it is owed no more. A decision about an entry that was made anew meanwhile changes nothing.
 */
const operated = (row: ProcessRow | undefined, event: Operated): ProcessRow | undefined => {
  const { entry, cause } = event.data;
  const old = row?.entries[entry];
  if (row === undefined || old === undefined || old.cause !== cause || old.dropped) return row;
  const anew: Entry = { ...old, ...madeBy(event), dropped: event.type === 'ParkedEntryDropped' };
  return { ...row, entries: { ...row.entries, [entry]: anew } };
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
    const instance = isOperated(event, process.name) ? event.data.instance : process.instanceOf(event);
    return instance === undefined ? [] : [instance];
  },
  fold: (row, event, key) => {
    if (isOperated(event, process.name)) return operated(row, event);
    const before = row?.state ?? process.initial;
    const state = process.evolve(before, event);
    if (state === before) return row;
    const old = row?.entries ?? {};
    const entries = entriesAfter(old, process.todo(state, key), event);
    if (Object.keys(entries).length === 0 && sameJson(state, process.initial)) return undefined;
    return entries === old && row !== undefined && sameJson(state, before) ? row : { key, state, entries };
  },
});
