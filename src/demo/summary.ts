import type { AgentOccupancy } from '../integrations/simulator/agents.ts';
import type { HistoryFact, ListedCallback } from './service-api.ts';

export type Counts = Readonly<Record<string, number>>;

/** How a day went. Times are ms. */
export type Summary = {
  readonly day: string;
  readonly offered: number;
  readonly planned: number;
  readonly refused: Counts;
  readonly booked: Counts;
  readonly completed: Counts;
  /** What wasn't COMPLETED when the demo ended, by state. */
  readonly open: Counts;
  /** By outcome; `no outcome` for those withdrawn or never answered for. */
  readonly attempts: Counts;
  readonly waiting: { readonly connected: number; readonly p50Ms: number; readonly p90Ms: number; readonly p99Ms: number };
  readonly agents: readonly AgentOccupancy[];
};

const countBy = <T>(items: readonly T[], name: (item: T) => string): Counts => {
  const counts: Record<string, number> = {};
  for (const item of items) counts[name(item)] = (counts[name(item)] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
};

/** The smallest value that this share of the values doesn't exceed (nearest rank); NaN of none. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

/** From the first entry into the waiting line, or the booking where there is no such fact, to the connection. */
const waitedMs = (facts: readonly HistoryFact[]): number | undefined => {
  const at = (type: string) => facts.find((fact) => fact.type === type)?.at;
  const entered = at('CallbackQueued') ?? at('CallbackBooked');
  const connected = at('CallbackConnected');
  return entered === undefined || connected === undefined ? undefined : Date.parse(connected) - Date.parse(entered);
};

const outcomesIn = (facts: readonly HistoryFact[]): readonly string[] => {
  const outcomes = facts.flatMap(({ type, data }) => {
    if (type === 'CallbackAttemptAnswered') return ['ANSWERED'];
    return type === 'CallbackAttemptFailed' ? [String(data?.outcome)] : [];
  });
  const started = facts.filter(({ type }) => type === 'CallbackAttemptStarted').length;
  return [...outcomes, ...Array.from({ length: Math.max(0, started - outcomes.length) }, () => 'no outcome')];
};

/** Adds up a day from what the service answers: its list of callbacks, and the history of each. */
export const summarize = (input: {
  readonly day: string;
  readonly offered: number;
  readonly planned: number;
  readonly refused: Counts;
  readonly callbacks: readonly ListedCallback[];
  readonly histories: readonly (readonly HistoryFact[])[];
  readonly agents: readonly AgentOccupancy[];
}): Summary => {
  const { day, offered, planned, refused, callbacks, histories, agents } = input;
  const [completed, open] = [true, false].map((over) => callbacks.filter((c) => (c.callbackState === 'COMPLETED') === over));
  const waits = histories.map(waitedMs).filter((ms) => ms !== undefined);
  return {
    day,
    offered,
    planned,
    refused,
    booked: countBy(callbacks, ({ kind }) => kind.toLowerCase()),
    completed: countBy(completed ?? [], ({ callbackReason }) => callbackReason ?? 'no reason'),
    open: countBy(open ?? [], ({ callbackState }) => callbackState),
    attempts: countBy(histories.flatMap(outcomesIn), (outcome) => outcome),
    waiting: { connected: waits.length, p50Ms: percentile(waits, 0.5), p90Ms: percentile(waits, 0.9), p99Ms: percentile(waits, 0.99) },
    agents,
  };
};
