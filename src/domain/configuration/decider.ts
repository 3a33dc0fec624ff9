import { isDeepStrictEqual } from 'node:util';
import { accept, type Decision, refuse } from '../kit/decider.ts';
import { guard, type Precondition, type PreconditionRefusal } from '../kit/precondition.ts';
import type { OwnSettings } from './columns.ts';
import type { BusinessHours, ConfigurationEvent } from './events.ts';
import type { ConfigurationChange } from './imports.ts';
import { problemsOfRow, type RowProblem } from './row-problems.ts';
import { accumulate, type Configuration, DEFAULT_ROW, draftOf, type QueueRow, settingsOf } from './state.ts';
import { type UnusableName, unusableName } from './unusable-name.ts';

export type ConfigurationCommand =
  | { readonly type: 'CreateBusinessHours'; readonly name: string; readonly hours: BusinessHours; readonly now: string }
  | {
      readonly type: 'PutQueueSettings';
      readonly queue: string;
      readonly settings: OwnSettings;
      readonly precondition: Precondition;
      readonly now: string;
    }
  | {
      readonly type: 'DeleteQueue';
      readonly queue: string;
      readonly openCallbacks: number;
      /** Instead of refusing while there are open callbacks, let them finish, and take no more. */
      readonly retire?: boolean;
      readonly precondition: Precondition;
      readonly now: string;
    };

export type ConfigurationRefusal =
  | PreconditionRefusal
  | UnusableName
  | { readonly code: 'UNKNOWN_QUEUE' | 'DEFAULT_ROW_STAYS' }
  | { readonly code: 'QUEUE_HAS_OPEN_CALLBACKS'; readonly count: number }
  | { readonly code: 'INVALID_COLUMNS'; readonly problems: readonly RowProblem[] };

type ConfigurationDecision = Decision<ConfigurationEvent, ConfigurationRefusal>;

/** Of a queue's row, or a calendar's: it moves with each change of that. */
export const etagOf = (row: Pick<QueueRow, 'revision'>): string => `"${row.revision}"`;

/** What a row becomes: made, changed in some columns, or of a retired queue one that takes bookings again. Nothing for the same values. */
export const rowChange = (queue: string, row: QueueRow | undefined, settings: OwnSettings, at: string): readonly ConfigurationChange[] => {
  if (row === undefined) return [{ type: 'QueueCreated', data: { queue, settings: { ...settings }, at } }];
  if (row.retired !== undefined) return [{ type: 'QueueReinstated', data: { queue, settings: { ...settings }, at } }];
  const before: Readonly<Record<string, unknown>> = row.own;
  const after: Readonly<Record<string, unknown>> = settings;
  const columns = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  if (columns.length === 0) return [];
  const changes = Object.fromEntries(columns.map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }]));
  return [{ type: 'QueueSettingsChanged', data: { queue, changes, at } }];
};

/** The configuration after changes that aren't recorded yet. */
export const afterChanges = (state: Configuration, changes: readonly ConfigurationChange[]): Configuration => {
  const draft = draftOf(state);
  for (const event of changes) accumulate(draft, { event, revision: 0n, by: '' });
  return draft;
};

const put = (command: Extract<ConfigurationCommand, { type: 'PutQueueSettings' }>, state: Configuration): ConfigurationDecision => {
  const { queue, settings, precondition, now } = command;
  const row = state.queues.get(queue);
  const refusal = guard(row && etagOf(row), precondition) ?? unusableName(queue, row !== undefined);
  if (refusal !== undefined) return refuse(refusal);
  const events = rowChange(queue, row, settings, now);
  const problems = events.length === 0 ? [] : problemsOfRow(state, afterChanges(state, events), queue);
  return problems.length > 0 ? refuse({ code: 'INVALID_COLUMNS', problems }) : accept(...events);
};

/** The values that a retired queue goes on with: those in force. */
const lastValues = (state: Configuration, queue: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(settingsOf(state, queue) ?? {}).filter(([, value]) => value !== null));

const remove = (command: Extract<ConfigurationCommand, { type: 'DeleteQueue' }>, state: Configuration): ConfigurationDecision => {
  const { queue, openCallbacks, retire = false, precondition, now } = command;
  const row = state.queues.get(queue);
  if (row === undefined) return refuse({ code: 'UNKNOWN_QUEUE' });
  const refusal = guard(row && etagOf(row), precondition);
  if (refusal !== undefined) return refuse(refusal);
  if (queue === DEFAULT_ROW) return refuse({ code: 'DEFAULT_ROW_STAYS' });
  const { own, retired } = row;
  if (openCallbacks > 0 && retire) {
    if (retired !== undefined) return accept();
    const data = { queue, settings: { ...own }, lastValues: lastValues(state, queue), openCallbacks, at: now };
    return accept({ type: 'QueueRetired', data });
  }
  if (openCallbacks > 0) return refuse({ code: 'QUEUE_HAS_OPEN_CALLBACKS', count: openCallbacks });
  return accept({ type: 'QueueDeleted', data: { queue, settings: { ...own }, at: now } });
};

/** Queues and calendars (2.1). */
export const decideConfiguration = (command: ConfigurationCommand, state: Configuration): ConfigurationDecision => {
  switch (command.type) {
    case 'CreateBusinessHours': {
      const { name, hours, now } = command;
      return state.businessHours.has(name) ? accept() : accept({ type: 'BusinessHoursCreated', data: { name, hours, at: now } });
    }
    case 'PutQueueSettings':
      return put(command, state);
    case 'DeleteQueue':
      return remove(command, state);
  }
};
