import { type ColumnName, hoursColumns } from './columns.ts';
import { capacityMisfit } from './rule-fit.ts';
import { type Configuration, DEFAULT_ROW, settingsOf } from './state.ts';

/** A column that keeps a row from being saved. `queues`: where it is the default row's, those that take it from there. */
export type RowProblem = { readonly column: ColumnName; readonly message: string; readonly queues?: readonly string[] };

/** What a queue whose customers call in can't do without (2.1). */
const callInColumns = ['pushedCallbackExpiryMinutes', 'pushThresholdMinutes', 'callbackApplication'] as const;

/** What is wrong with a row as it stands in `configuration` (2.1, 2.2, 4.2). One that is retired goes on as it is. */
const problemsOf = (configuration: Configuration, queue: string): readonly RowProblem[] => {
  const row = configuration.queues.get(queue);
  const settings = settingsOf(configuration, queue);
  if (row === undefined || settings === undefined || row.retired !== undefined) return [];
  const isDefault = queue === DEFAULT_ROW;
  const unknownHours = hoursColumns.filter((column) => row.own[column] !== undefined && !configuration.businessHours.has(row.own[column]));
  const missing = isDefault ? (['callbackApplication', 'businessHours'] as const).filter((column) => row.own[column] === undefined) : [];
  const callsIn = settings.callDirection === 'USERORIGINATED';
  const missingForCallIn = callsIn
    ? callInColumns.filter((column) => settings[column] === null && !missing.some((one) => one === column))
    : [];
  const hasCapacityRule = (configuration.rules.assigned.get(queue)?.capacity ?? null) !== null;
  const misfit = hasCapacityRule ? capacityMisfit(settings) : undefined;
  return [
    ...unknownHours.map((column) => ({ column, message: 'no business hours of that name' })),
    ...missing.map((column) => ({ column, message: 'the default row needs one' })),
    ...missingForCallIn.map((column) => ({
      column,
      message: isDefault
        ? 'a default row that is USERORIGINATED needs one'
        : 'a queue that is USERORIGINATED needs one, of its own or the default row’s',
    })),
    ...(misfit === undefined ? [] : [misfit]),
  ];
};

const same = (a: RowProblem, b: RowProblem): boolean => a.column === b.column && a.message === b.message;

/**
 * What keeps a row from becoming what it is in `after`, and where that is the default row, what it would take away from queues that were all
 * right with it as it is in `before`.
 */
export const problemsOfRow = (before: Configuration, after: Configuration, queue: string): readonly RowProblem[] => {
  const own = problemsOf(after, queue);
  if (queue !== DEFAULT_ROW) return own;
  const taken = new Map<string, { readonly column: ColumnName; readonly message: string; readonly queues: string[] }>();
  for (const other of after.queues.keys()) {
    if (other === DEFAULT_ROW) continue;
    const old = problemsOf(before, other);
    for (const problem of problemsOf(after, other)) {
      if (own.some((one) => one.column === problem.column) || old.some((one) => same(one, problem))) continue;
      const key = `${problem.column} ${problem.message}`;
      const known = taken.get(key) ?? { ...problem, queues: [] };
      known.queues.push(other);
      taken.set(key, known);
    }
  }
  return [...own, ...taken.values()];
};
