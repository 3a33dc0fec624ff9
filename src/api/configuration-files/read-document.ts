import { z } from 'zod';
import { writtenHours } from '../../domain/configuration/business-hours-schema.ts';
import { settingsRow } from '../../domain/configuration/columns.ts';
import { businessHours } from '../../domain/configuration/events.ts';
import type { ImportPart, Wanted } from '../../domain/configuration/import-wanted.ts';
import { capacityRule } from '../../domain/rules/capacity-rule.ts';
import { numberRule } from '../../domain/rules/number-rule.ts';
import { regionRule } from '../../domain/rules/region-rule.ts';
import { ruleName } from '../../domain/rules/rule-name.ts';
import { wording } from '../errors/field-errors.ts';
import { ownSettings } from '../queue-settings/row.ts';
import { name, queueName } from '../schemas/text.ts';
import { type Locate, MOST_ROWS, type ReadFile } from './import-file.ts';
import { readJson } from './read-json.ts';
import { alsoBesideErrors, refuseRepeated } from './repeated.ts';

/** Something with its name beside what it says. */
const named = <T>(nameOf: z.ZodType<string>, says: z.ZodType<T>) =>
  z
    .array(
      z.looseObject({ name: nameOf }).transform(({ name: called, ...rest }, context): { name: string; says: T } => {
        const read = says.safeParse(rest, { error: wording });
        if (read.success) return { name: called, says: read.data };
        for (const { path, message, ...issue } of read.error.issues) {
          const keys = issue.code === 'unrecognized_keys' ? issue.keys : null;
          if (keys === null) context.addIssue({ code: 'custom', path, message });
          else for (const key of keys) context.addIssue({ code: 'custom', path: [...path, key], message: 'is not a known field' });
        }
        return z.NEVER;
      }),
    )
    .max(MOST_ROWS)
    .superRefine(refuseRepeated('name'), alsoBesideErrors)
    .optional();

const ruleOrNone = ruleName.nullable().optional();
/** A configuration as it is exported. A list that is left out stays as it is. */
const documentFile = z.strictObject({
  businessHours: named(
    name(128),
    writtenHours.transform((hours) => businessHours.parse(hours)),
  ),
  queues: z
    .array(z.strictObject({ queue: queueName, settings: settingsRow }))
    .max(MOST_ROWS)
    .superRefine(refuseRepeated('queue'), alsoBesideErrors)
    .optional(),
  rules: z
    .strictObject({ numbers: named(ruleName, numberRule), capacity: named(ruleName, capacityRule), regions: named(ruleName, regionRule) })
    .optional(),
  assignments: z
    .array(z.strictObject({ queue: queueName, numbers: ruleOrNone, capacity: ruleOrNone, regions: ruleOrNone }))
    .max(MOST_ROWS)
    .superRefine(refuseRepeated('queue'), alsoBesideErrors)
    .optional(),
});

const byName = <T>(list: readonly { name: string; says: T }[]): ReadonlyMap<string, T> => new Map(list.map((one) => [one.name, one.says]));

/** Reads a configuration, or a part of one, as its export gives it. */
export const readDocument = (file: Uint8Array): ReadFile => {
  const read = readJson(file, documentFile);
  if (!read.ok) return read;
  const { businessHours: hours, queues, rules = {}, assignments } = read.value;
  const { numbers, capacity, regions } = rules;
  const wanted: Wanted = {
    ...(hours && { businessHours: byName(hours) }),
    ...(queues && { queues: new Map(queues.map(({ queue, settings }) => [queue, ownSettings(settings)])) }),
    rules: {
      ...(numbers && { numbers: byName(numbers) }),
      ...(capacity && { capacity: byName(capacity) }),
      ...(regions && { regions: byName(regions) }),
    },
    ...(assignments && { assignments: new Map(assignments.map(({ queue, ...names }) => [queue, names])) }),
  };
  const lists: { readonly [P in ImportPart]: readonly [readonly string[], readonly PropertyKey[]] } = {
    businessHours: [(hours ?? []).map((one) => one.name), ['businessHours']],
    queues: [(queues ?? []).map(({ queue }) => queue), ['queues']],
    numbers: [(numbers ?? []).map((one) => one.name), ['rules', 'numbers']],
    capacity: [(capacity ?? []).map((one) => one.name), ['rules', 'capacity']],
    regions: [(regions ?? []).map((one) => one.name), ['rules', 'regions']],
    assignments: [(assignments ?? []).map(({ queue }) => queue), ['assignments']],
  };
  const locate: Locate = (part, called, field) => {
    const [names, path] = lists[part];
    const index = names.indexOf(called);
    if (index < 0) return null;
    const inner = field === undefined ? [] : part === 'queues' && field !== 'queue' ? ['settings', field] : [field];
    return read.place([...path, index, ...inner]);
  };
  return { ok: true, wanted, locate };
};
