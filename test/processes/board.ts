import type { Configuration } from '../../src/domain/configuration/state.ts';
import type { AgentsView } from '../../src/live/agents.ts';
import { dispatchBoard } from '../../src/live/dispatch-board.ts';
import { flowView } from '../../src/live/flow.ts';
import { regionsView } from '../../src/live/regions.ts';
import type { WaitingLines } from '../../src/live/waiting-lines.ts';

/** Who is next, where nobody waits on the line and no region was reported, unless their views are given. */
export const boardOf = (
  configuration: () => Configuration,
  lines: WaitingLines,
  agents: AgentsView,
  { flow = flowView(), regions = regionsView() } = {},
) => dispatchBoard({ configuration, lines, agents, flow, regions });
