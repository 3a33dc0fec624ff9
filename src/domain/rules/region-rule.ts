import { z } from 'zod';

const MOST_REGIONS = 1_000;
const lists = ['preferred', 'fallback', 'ignored'] as const;

/** A region rule as it is stored: names of regions, the preferred and the fallback ones in their order. */
export const storedRegionRule = z.object({
  preferred: z.array(z.string()),
  fallback: z.array(z.string()),
  ignored: z.array(z.string()),
});
export type RegionRule = z.output<typeof storedRegionRule>;

/** The name of a region, as rules and reports write it. */
export const regionName = z.string().regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,128}$/u, 'must be 1 to 128 printable characters');
const regions = z.array(regionName).max(MOST_REGIONS);

/** A region rule as it is saved (4.3): each region in one list, at least one preferred. One that is in none counts as ignored. */
export const regionRule = z
  .strictObject({
    preferred: regions.min(1).describe('Tried first, in this order'),
    fallback: regions.default([]).describe('Tried in this order where no preferred one is healthy'),
    ignored: regions.default([]).describe('Never used, like every region that no list names'),
  })
  .superRefine((rule, context) => {
    const seen = new Set<string>();
    for (const list of lists)
      for (const [index, name] of rule[list].entries()) {
        if (seen.has(name)) context.addIssue({ code: 'custom', path: [list, index], message: 'stands there twice' });
        seen.add(name);
      }
  });

/** A rule with the regions that were reported since it was saved, which join the ignored ones (4.3) without a change of the rule. */
export const withReported = (rule: RegionRule, reported: readonly string[]): RegionRule => {
  const named = new Set(lists.flatMap((list) => rule[list]));
  const joined = reported.filter((name) => !named.has(name));
  return joined.length === 0 ? rule : { ...rule, ignored: [...rule.ignored, ...joined] };
};

/** Where an attempt goes: to a region, to any (null), or nowhere yet. */
export type RegionChoice = { readonly region: string | null } | { readonly waits: 'NO_REGION' };

/**
 * Chooses an attempt's region (4.3): the first that has a healthy node, of the preferred ones, then of the fallback ones; ignored ones never.
 * None: the attempt waits. A queue without a rule asks for no region.
 */
export const chooseRegion = (rule: RegionRule | undefined, healthy: ReadonlySet<string>): RegionChoice => {
  if (rule === undefined) return { region: null };
  const region = [...rule.preferred, ...rule.fallback].find((name) => healthy.has(name));
  return region === undefined ? { waits: 'NO_REGION' } : { region };
};
