import type { OwnSettings } from './columns.ts';
import type { BusinessHours } from './events.ts';
import { NO_RULES, type RuleKind, type RuleMaps, type RuleNames, type RuleOf } from './rule-state.ts';
import type { Configuration } from './state.ts';

/**
 * A configuration as one plain JSON value, which can be kept and put back: every list in order of its names. `settings` are a row's own
 * values, without what it inherits. Retired queues aren't in it, nor stop switches: those are how things stand, not how they are set.
 */
export type ConfigurationDocument = {
  readonly businessHours: readonly ({ readonly name: string } & BusinessHours)[];
  readonly queues: readonly { readonly queue: string; readonly settings: OwnSettings }[];
  readonly rules: { readonly [K in RuleKind]: readonly ({ readonly name: string } & RuleOf[K])[] };
  readonly assignments: readonly ({ readonly queue: string } & RuleNames)[];
};

const inOrder = <V>(map: ReadonlyMap<string, V>): readonly (readonly [string, V])[] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

/** The document of a configuration; of a part of one that somebody sees, of that part. */
export const configurationDocument = ({ queues, businessHours, rules }: Configuration): ConfigurationDocument => {
  const rulesOf = <K extends RuleKind>(kind: K) => {
    const rows: RuleMaps[K] = rules.named[kind];
    return inOrder(rows).map(([name, { rule }]) => ({ name, ...rule }));
  };
  const live = inOrder(queues).filter(([, { retired }]) => retired === undefined);
  return {
    businessHours: inOrder(businessHours).map(([name, { hours }]) => ({ name, ...hours })),
    queues: live.map(([queue, { own }]) => ({ queue, settings: own })),
    rules: { numbers: rulesOf('numbers'), capacity: rulesOf('capacity'), regions: rulesOf('regions') },
    assignments: live.flatMap(([queue]) => {
      const { numbers, capacity, regions } = rules.assigned.get(queue) ?? NO_RULES;
      return numbers === null && capacity === null && regions === null ? [] : [{ queue, numbers, capacity, regions }];
    }),
  };
};
