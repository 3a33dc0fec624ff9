import { isDeepStrictEqual } from 'node:util';
import { accept, type Decision, refuse } from '../kit/decider.ts';
import { guard, type Precondition, type PreconditionRefusal } from '../kit/precondition.ts';
import { hoursColumns, type OwnSettings } from './columns.ts';
import type { BusinessHours, ConfigurationEvent } from './events.ts';
import { misfitOfRow } from './rule-fit.ts';
import { type Configuration, DEFAULT_ROW, type QueueRow } from './state.ts';

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
      readonly precondition: Precondition;
      readonly now: string;
    };

export type ConfigurationRefusal =
  | PreconditionRefusal
  | { readonly code: 'UNKNOWN_QUEUE' | 'DEFAULT_ROW_STAYS' }
  | { readonly code: 'QUEUE_HAS_OPEN_CALLBACKS'; readonly count: number }
  | { readonly code: 'INVALID_COLUMN'; readonly column: string; readonly message: string };

type ConfigurationDecision = Decision<ConfigurationEvent, ConfigurationRefusal>;

/** Of a queue's row, or a calendar's: it moves with each change of that. */
export const etagOf = (row: Pick<QueueRow, 'revision'>): string => `"${row.revision}"`;

/** What 2.1 asks of a row: calendars exist before a row names them, a capacity rule fits, and `default` names an application and a calendar. */
const invalid = (state: Configuration, queue: string, settings: OwnSettings): ConfigurationRefusal | undefined => {
  for (const column of hoursColumns) {
    const name = settings[column];
    if (name !== undefined && !state.businessHours.has(name)) {
      return { code: 'INVALID_COLUMN', column, message: 'no business hours of that name' };
    }
  }
  const misfit = misfitOfRow(state, queue, settings);
  if (misfit !== undefined) return { code: 'INVALID_COLUMN', ...misfit };
  if (queue !== DEFAULT_ROW) return undefined;
  for (const column of ['callbackApplication', 'businessHours'] as const) {
    if (settings[column] === undefined) return { code: 'INVALID_COLUMN', column, message: 'the default row needs one' };
  }
  return undefined;
};

const put = (command: Extract<ConfigurationCommand, { type: 'PutQueueSettings' }>, state: Configuration): ConfigurationDecision => {
  const { queue, settings, precondition, now } = command;
  const row = state.queues.get(queue);
  const refusal = guard(row && etagOf(row), precondition) ?? invalid(state, queue, settings);
  if (refusal !== undefined) return refuse(refusal);
  if (row === undefined) return accept({ type: 'QueueCreated', data: { queue, settings: { ...settings }, at: now } });
  const before: Readonly<Record<string, unknown>> = row.own;
  const after: Readonly<Record<string, unknown>> = settings;
  const columns = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  if (columns.length === 0) return accept();
  const changes = Object.fromEntries(columns.map((name) => [name, { before: before[name] ?? null, after: after[name] ?? null }]));
  return accept({ type: 'QueueSettingsChanged', data: { queue, changes, at: now } });
};

const remove = (command: Extract<ConfigurationCommand, { type: 'DeleteQueue' }>, state: Configuration): ConfigurationDecision => {
  const { queue, openCallbacks, precondition, now } = command;
  const row = state.queues.get(queue);
  if (row === undefined) return refuse({ code: 'UNKNOWN_QUEUE' });
  const refusal = guard(row && etagOf(row), precondition);
  if (refusal !== undefined) return refuse(refusal);
  if (queue === DEFAULT_ROW) return refuse({ code: 'DEFAULT_ROW_STAYS' });
  if (openCallbacks > 0) return refuse({ code: 'QUEUE_HAS_OPEN_CALLBACKS', count: openCallbacks });
  return accept({ type: 'QueueDeleted', data: { queue, settings: { ...row.own }, at: now } });
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
