import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { AgentReport } from '../live/agent-report.ts';
import type { AgentsView } from '../live/agents.ts';
import { type FlowReport, type FlowView, foldFlow, type QueueFlow } from '../live/flow.ts';
import { foldRegions, type RegionNode, type RegionsReport, type RegionsView } from '../live/regions.ts';
import { agentsTables, changedAgents, keepReport } from './agents-table.ts';
import { changedStates, keepState, reportsTable } from './reports-table.ts';
import { type SharedKind, shareReports } from './shared-reports.ts';
import type { Views } from './views.ts';

type Options<V> = { readonly db: Kysely<unknown>; readonly view: V; readonly changed: () => void; readonly clock: Clock };

/** The instant of a report, and before which a source was heard last that is forgotten by then. */
const at = (clock: Clock, { forgottenBefore }: { readonly forgottenBefore: (now: number) => number }) => {
  const now = clock.now();
  return { now, forgottenBefore: forgottenBefore(now) };
};

/** Agents, which have tables of their own: deltas of thousands come often. */
export const sharedAgents = ({ db, view, changed, clock }: Options<AgentsView>): SharedKind<AgentReport> => {
  const ready = agentsTables(db);
  return {
    name: 'agents',
    keep: async (report) => keepReport(await ready(), report, at(clock, view)),
    look: async () => (await changedAgents(await ready(), view.sequences(clock.now()))).filter(view.merge).length > 0,
    changed,
  };
};

/** Live calls that wait, and those that left. */
export const sharedFlow = ({ db, view, changed, clock }: Options<FlowView>): SharedKind<FlowReport> => {
  const ready = reportsTable(db);
  return {
    name: 'flow',
    keep: async (report) => {
      const [tables, times] = [await ready(), at(clock, view)];
      return keepState<readonly QueueFlow[]>(tables, { kind: 'flow', ...report, ...times }, (before) =>
        foldFlow(before, report, times.now),
      );
    },
    look: async () =>
      (await changedStates<readonly QueueFlow[]>(await ready(), 'flow', view.sequences(clock.now()))).filter(view.merge).length > 0,
    changed,
  };
};

/** Regions and their nodes. */
export const sharedRegions = ({ db, view, changed, clock }: Options<RegionsView>): SharedKind<RegionsReport> => {
  const ready = reportsTable(db);
  return {
    name: 'regions',
    keep: async (report) =>
      keepState<readonly RegionNode[]>(await ready(), { kind: 'regions', ...report, ...at(clock, view) }, (before) =>
        foldRegions(before, report),
      ),
    look: async () =>
      (await changedStates<readonly RegionNode[]>(await ready(), 'regions', view.sequences(clock.now()))).filter(view.merge).length > 0,
    changed,
  };
};

/** All that the contact center reports, taken for every node of one Postgres. */
export const sharedReports = (options: {
  readonly connectionString: string;
  readonly db: Kysely<unknown>;
  readonly views: Pick<Views, 'agents' | 'flow' | 'regions' | 'changed'>;
  readonly clock: Clock;
  readonly log: Logger;
}) => {
  const { connectionString, db, views, clock, log } = options;
  const agents = sharedAgents({ db, clock, view: views.agents, changed: views.changed.agents });
  const flow = sharedFlow({ db, clock, view: views.flow, changed: views.changed.flow });
  const regions = sharedRegions({ db, clock, view: views.regions, changed: views.changed.regions });
  const { report, close } = shareReports({ connectionString, kinds: [agents, flow, regions], log });
  return { reports: { agents: report(agents), flow: report(flow), regions: report(regions) }, close };
};
