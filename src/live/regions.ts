import { type ReportSources, reportSources, type SourceState, whileHeard } from './kit/report-sources.ts';
import type { Taken } from './kit/taken.ts';

/** So many nodes may a source tell of. */
export const MOST_NODES = 1_000;

/** A node of a region, as the contact center reports it. */
export type RegionNode = { readonly region: string; readonly node: string; readonly healthy: boolean };

/** A report of nodes: all of a source's (`full`), or those that changed. */
export type RegionsReport = {
  readonly source: string;
  readonly sequence: number;
  readonly full: boolean;
  readonly nodes: readonly RegionNode[];
};

const keyOf = ({ region, node }: RegionNode): string => JSON.stringify([region, node]);

/** All nodes of a source after a report, in the order in which they became known; undefined where they would be too many. */
export const foldRegions = (
  before: readonly RegionNode[] | undefined,
  { full, nodes }: RegionsReport,
): readonly RegionNode[] | undefined => {
  const all = new Map((full ? [] : (before ?? [])).map((node) => [keyOf(node), node]));
  for (const node of nodes) all.set(keyOf(node), node);
  return all.size > MOST_NODES ? undefined : [...all.values()];
};

/** What the contact center says of its regions (4.3). */
export type RegionsView = Pick<ReportSources<unknown>, 'sequences' | 'forgottenBefore'> & {
  /** Takes a report at `now` (epoch ms). */
  readonly report: (report: RegionsReport, now: number) => Taken;
  /** Takes what another node was told; a sequence not above the source's last changes nothing and answers false. */
  readonly merge: (told: SourceState<readonly RegionNode[]>) => boolean;
  /** The regions that have a healthy node, by a source heard within the last 30 s: of a silent one nobody knows. */
  readonly healthy: (now: number) => ReadonlySet<string>;
  /** Every region that a source named last, healthy or not, also of one that is silent, until it is forgotten; in order. */
  readonly known: () => readonly string[];
  /** When the next source falls silent (epoch ms); undefined when none is heard. */
  readonly nextSilence: (now: number) => number | undefined;
};

/** See `reportSources` for `clockSpeed`. */
export const regionsView = (clockSpeed = 1): RegionsView => {
  const sources = reportSources<readonly RegionNode[]>(clockSpeed);
  const healthy = whileHeard(sources.nextSilence, (now): ReadonlySet<string> => {
    const nodes = sources.heard(now).flat();
    return new Set(nodes.flatMap((node) => (node.healthy ? [node.region] : [])));
  });
  const merge = (told: SourceState<readonly RegionNode[]>): boolean => {
    const taken = sources.put(told);
    if (taken) healthy.changed();
    return taken;
  };
  return {
    report: (report, now) => {
      const taken = sources.report(report, now, (before) => foldRegions(before, report));
      if (taken === 'TAKEN') healthy.changed();
      return taken;
    },
    merge,
    sequences: sources.sequences,
    forgottenBefore: sources.forgottenBefore,
    healthy: healthy.at,
    known: () => {
      const names = sources.all().flatMap((nodes) => nodes.map(({ region }) => region));
      return [...new Set(names)].sort();
    },
    nextSilence: sources.nextSilence,
  };
};
