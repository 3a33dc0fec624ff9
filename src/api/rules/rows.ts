import { z } from 'zod';
import { mayRead, type Reads } from '../../domain/access/reads.ts';
import { ruleEtag } from '../../domain/configuration/rule-decider.ts';
import { queuesWith, type RuleKind, type RuleMaps, type RuleOf } from '../../domain/configuration/rule-state.ts';
import type { Configuration } from '../../domain/configuration/state.ts';
import { storedCapacityRule } from '../../domain/rules/capacity-rule.ts';
import { countryOf } from '../../domain/rules/countries.ts';
import { storedNumberRule } from '../../domain/rules/number-rule.ts';
import { storedRegionRule, withReported } from '../../domain/rules/region-rule.ts';
import { noSuchRule } from './failures.ts';

const common = {
  name: z.string(),
  queues: z.array(z.string()).describe('The queues that have the rule, of those that the asker reads'),
  updatedAt: z.string(),
  updatedBy: z.string(),
  etag: z.string(),
};

/** A country as it is shown. */
export const country = z.object({
  code: z.string().describe('Of ISO 3166'),
  name: z.string(),
  callingCode: z.string().nullable().describe('Null where nobody can be called'),
});

/** A rule of each kind as it is answered: what it says, beside which queues have it and who changed it last. */
export const shapes = {
  numbers: storedNumberRule.extend({ permitted: z.array(country).describe('The countries by name'), ...common }).meta({ id: 'NumberRule' }),
  capacity: storedCapacityRule.extend(common).meta({ id: 'CapacityRule' }),
  regions: storedRegionRule.extend(common).meta({ id: 'RegionRule' }),
} as const;
export type ShownRule = z.output<(typeof shapes)[RuleKind]>;

/** A rule and its row; fails where there is none. */
export const ruleNamed = <K extends RuleKind>({ rules }: Configuration, kind: K, name: string) => {
  const rows: RuleMaps[K] = rules.named[kind];
  const row = rows.get(name);
  if (row === undefined) throw noSuchRule();
  return row;
};

const says: { readonly [K in RuleKind]: (rule: RuleOf[K], knownRegions: readonly string[]) => object } = {
  numbers: (rule) => ({ ...rule, permitted: rule.countries.map(countryOf) }),
  capacity: (rule) => rule,
  regions: withReported,
};

/** What a rule is shown by: the configuration, the regions that are reported, and the queues that the asker reads. */
export type Shown = { readonly configuration: Configuration; readonly knownRegions: readonly string[]; readonly reads: Reads };

/** A rule as it is shown; fails where there is none. */
export const shownRule = <K extends RuleKind>({ configuration, knownRegions, reads }: Shown, kind: K, name: string): ShownRule => {
  const row = ruleNamed(configuration, kind, name);
  const queues = queuesWith(configuration.rules, kind, name).filter((queue) => mayRead(reads, queue));
  const { updatedAt, updatedBy } = row;
  const beside = { name, queues, updatedAt, updatedBy, etag: ruleEtag(row) };
  return { ...says[kind](row.rule, knownRegions), ...beside } as ShownRule; // `says` has for each kind what its shape holds
};
