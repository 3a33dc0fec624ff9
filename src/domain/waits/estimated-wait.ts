/** Interactions that the mean gap is taken over (2.4, 3.5). */
export const COUNTED_DEPARTURES = 32;
/** Of each queue, as many are kept. */
export const KEPT_DEPARTURES = 256;
/** The window of mode3. */
export const WINDOW_MS = 15 * 60_000;

/** An interaction that left a queue at `at` (epoch ms), and how many agents of the queue were logged in then, where that was known. */
export type Departure = { readonly at: number; readonly agents: number | undefined };

/** Mean seconds between those that left last, at most 32 of them; undefined for fewer than two. `departures` are in order of time. */
export const meanGapSeconds = (departures: readonly Departure[]): number | undefined => {
  const [first, ...others] = departures.slice(-COUNTED_DEPARTURES);
  const last = others.at(-1);
  return first === undefined || last === undefined ? undefined : (last.at - first.at) / others.length / 1000;
};

/** The modes of the contract. */
export const waitModes = ['mode1', 'mode2', 'mode3'] as const;
export type WaitMode = (typeof waitModes)[number];

/** What a wait is estimated from: how many wait, the last that left, in order of time, and the agents logged in now, where that is known. */
export type WaitFacts = { readonly pending: number; readonly departures: readonly Departure[]; readonly agents: number | undefined };

/** Expected seconds until somebody who comes now is taken, or why they are unknown. */
export type EstimatedWait = { readonly seconds: number } | { readonly unknown: 'NO_INTERACTIONS' | 'NOBODY_LOGGED_IN' };

const NO_INTERACTIONS: EstimatedWait = { unknown: 'NO_INTERACTIONS' };

const byFlow = ({ pending, departures }: WaitFacts): EstimatedWait => {
  const gap = meanGapSeconds(departures);
  return gap === undefined ? NO_INTERACTIONS : { seconds: Math.round(gap * pending) };
};

/** How many times more agents served the queue, on the mean, while the last ones left it than are logged in now; 1 where nobody knows. */
const agentsThenToNow = ({ departures, agents = 0 }: WaitFacts): number => {
  const known = departures.slice(-COUNTED_DEPARTURES).flatMap((departure) => departure.agents ?? []);
  const served = known.filter((count) => count > 0);
  return served.length === 0 ? 1 : served.reduce((sum, count) => sum + count, 0) / served.length / agents;
};

const byFlowAndAgents = (facts: WaitFacts): EstimatedWait => {
  if ((facts.agents ?? 0) === 0) return { unknown: 'NOBODY_LOGGED_IN' };
  const gap = meanGapSeconds(facts.departures);
  return gap === undefined ? NO_INTERACTIONS : { seconds: Math.round(gap * facts.pending * agentsThenToNow(facts)) };
};

/** So many of a queue are kept that those of a busy one may not reach back to the window's beginning: then it begins with the first of them. */
const byWindow = ({ pending, departures }: WaitFacts, now: number): EstimatedWait => {
  const within = departures.filter(({ at }) => at > now - WINDOW_MS);
  const [first] = within;
  if (first === undefined) return NO_INTERACTIONS;
  const span = within.length === KEPT_DEPARTURES ? now - first.at : WINDOW_MS;
  return { seconds: Math.round((pending * Math.max(0, span)) / within.length / 1000) };
};

/**
 * The wait of a queue (3.5) at `now` (epoch ms). mode1: the mean gap of the last 32 that left × pending, whoever is logged in. mode2: the same,
 * × the agents who served the queue meanwhile ÷ those logged in now. mode3: pending ÷ the rate at which the queue was left in its window.
 */
export const estimateWait = (mode: WaitMode, facts: WaitFacts, now: number): EstimatedWait =>
  mode === 'mode1' ? byFlow(facts) : mode === 'mode2' ? byFlowAndAgents(facts) : byWindow(facts, now);
