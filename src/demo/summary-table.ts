import type { AgentOccupancy } from '../integrations/simulator/agents.ts';
import type { Counts, Summary } from './summary.ts';

type Row = readonly [label: string, value: string, note?: string];

const sum = (counts: Counts) => Object.values(counts).reduce((a, b) => a + b, 0);
const percent = (part: number, whole: number) => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);

const duration = (ms: number): string => {
  if (Number.isNaN(ms)) return '–';
  const seconds = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
};

const occupied = ({ busyMs, awayMs }: AgentOccupancy) => busyMs + awayMs;
const staffed = (agent: AgentOccupancy) => occupied(agent) + agent.readyMs;

const counted = (title: string, counts: Counts): Row[] => [
  [title, String(sum(counts))],
  ...Object.entries(counts).map(([name, count]): Row => [`  ${name}`, String(count), percent(count, sum(counts))]),
];

const agentRows = (agents: readonly AgentOccupancy[]): Row[] => {
  const total = (of: (agent: AgentOccupancy) => number) => agents.reduce((all, agent) => all + of(agent), 0);
  return [
    ['Agents', String(agents.length), `${percent(total(occupied), total(staffed))} occupied`],
    ...agents.map((agent): Row => [`  ${agent.id}`, `${agent.calls} calls`, `${percent(occupied(agent), staffed(agent))} occupied`]),
  ];
};

/** The summary as an aligned table of plain text, lines ended by newlines. */
export const summaryTable = (summary: Summary): string => {
  const { waiting, open, refused, planned, offered, agents } = summary;
  const rows: Row[] = [
    ['Calls offered', String(offered)],
    ['Callbacks asked for', String(planned), `${percent(planned, offered)} of the calls`],
    ...(sum(refused) > 0 ? counted('Refused, by code', refused) : []),
    ...counted('Booked', summary.booked),
    ...counted('Completed', summary.completed),
    ...(sum(open) > 0 ? counted('Left open when the demo ended', open) : []),
    ...counted('Attempts', summary.attempts),
    ['Waiting time until connected', String(waiting.connected), 'mm:ss'],
    ['  p50', duration(waiting.p50Ms)],
    ['  p90', duration(waiting.p90Ms)],
    ['  p99', duration(waiting.p99Ms)],
    ...agentRows(agents),
  ];
  const [labels, values] = [0, 1].map((column) => Math.max(...rows.map((row) => String(row[column]).length)));
  const lines = rows.map(([label, value, note]) => `${label.padEnd(labels ?? 0)}  ${value.padStart(values ?? 0)}  ${note ?? ''}`.trimEnd());
  return `${[`Day ${summary.day}`, ...lines].join('\n')}\n`;
};
