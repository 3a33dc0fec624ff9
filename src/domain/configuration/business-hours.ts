import { isDeepStrictEqual } from 'node:util';
import { accept, type Decision, refuse } from '../kit/decider.ts';
import { guard, type Precondition, type PreconditionRefusal } from '../kit/precondition.ts';
import { hoursColumns } from './columns.ts';
import { etagOf } from './decider.ts';
import type { BusinessHours, HoursChanges } from './events.ts';
import type { ConfigurationChange } from './imports.ts';
import type { Configuration } from './state.ts';
import { type UnusableName, unusableName } from './unusable-name.ts';

type Guarded = { readonly name: string; readonly precondition: Precondition; readonly now: string };
export type BusinessHoursCommand =
  | (Guarded & { readonly type: 'PutBusinessHours'; readonly hours: BusinessHours })
  | (Guarded & { readonly type: 'DeleteBusinessHours' });

export type BusinessHoursRefusal =
  | PreconditionRefusal
  | UnusableName
  | { readonly code: 'UNKNOWN_BUSINESS_HOURS' }
  | { readonly code: 'BUSINESS_HOURS_IN_USE'; readonly queues: readonly string[] };

type BusinessHoursDecision = Decision<ConfigurationChange, BusinessHoursRefusal>;

/** The rows, `default` among them, that name business hours themselves, in order. */
export const usersOf = ({ queues }: Configuration, name: string): readonly string[] =>
  [...queues].flatMap(([queue, { own }]) => (hoursColumns.some((column) => own[column] === name) ? [queue] : [])).sort();

const differences = (before: BusinessHours, after: BusinessHours): HoursChanges => {
  const change = <K extends keyof BusinessHours>(part: K) =>
    isDeepStrictEqual(before[part], after[part]) ? {} : { [part]: { before: before[part], after: after[part] } };
  return { ...change('zone'), ...change('weekly'), ...change('exceptions'), ...change('holidays') };
};

/** Decides on a calendar (2.1, 3.1): hours that rows name can't be deleted. */
export const decideBusinessHours = (command: BusinessHoursCommand, state: Configuration): BusinessHoursDecision => {
  const { name, precondition, now } = command;
  const row = state.businessHours.get(name);
  if (row === undefined && command.type === 'DeleteBusinessHours') return refuse({ code: 'UNKNOWN_BUSINESS_HOURS' });
  const refusal = guard(row && etagOf(row), precondition);
  if (refusal !== undefined) return refuse(refusal);
  if (command.type === 'DeleteBusinessHours') {
    const queues = usersOf(state, name);
    if (queues.length > 0) return refuse({ code: 'BUSINESS_HOURS_IN_USE', queues });
    return row === undefined ? accept() : accept({ type: 'BusinessHoursDeleted', data: { name, hours: row.hours, at: now } });
  }
  const unusable = unusableName(name, row !== undefined);
  if (unusable !== undefined) return refuse(unusable);
  if (row === undefined) return accept({ type: 'BusinessHoursCreated', data: { name, hours: command.hours, at: now } });
  const changes = differences(row.hours, command.hours);
  return Object.keys(changes).length === 0 ? accept() : accept({ type: 'BusinessHoursChanged', data: { name, changes, at: now } });
};
