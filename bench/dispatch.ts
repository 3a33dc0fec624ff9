import { performance } from 'node:perf_hooks';
import { iso } from '../src/clock.ts';
import { type Configuration, evolve, initialConfiguration } from '../src/domain/configuration/state.ts';
import { agentsView } from '../src/live/agents.ts';
import { departuresView } from '../src/live/departures.ts';
import { dispatchBoard } from '../src/live/dispatch-board.ts';
import { flowView } from '../src/live/flow.ts';
import { regionsView } from '../src/live/regions.ts';
import { waitingLinesView } from '../src/live/waiting-lines.ts';
import { example } from '../test/laws/example.ts';
import { figuresOf } from './kit/figure.ts';
import { optionsOf } from './kit/options.ts';
import { recorded } from './kit/recorded.ts';

const QUEUES = 50;
const AGENTS = 200;
const RUN_MS = 2_000;
const FEW = 1_000;
const { waiting: MANY } = optionsOf({ waiting: 1_000_000 });
const NOW = Date.UTC(2026, 0, 2);

const figure = figuresOf('dispatch');
const clock = { now: () => NOW, at: () => () => {} };

/** Queues whose customers may be called in Tokyo now, and not in New York. */
const configuration: Configuration = Array.from({ length: QUEUES }, (_, n) => `q${n}`).reduce(
  (state, queue, n) =>
    evolve(state, {
      event: { type: 'QueueCreated', data: { queue, settings: { localHours: { from: '08:00', to: '19:00' } }, at: iso(NOW) } },
      ...{ revision: BigInt(n), by: 'bench' },
    }),
  initialConfiguration,
);

/** Lines of so many who wait, the first of whom, in that share, are out of their local hours; and agents who serve three queues each. */
const standing = (waiting: number, deferred: number) => {
  const lines = waitingLinesView(() => configuration, clock, departuresView());
  for (let n = 0; n < waiting; n++) {
    const queue = `q${n % QUEUES}`;
    const at = iso(NOW - (waiting - n) * 10);
    const zones = [n < waiting * deferred ? 'America/New_York' : 'Asia/Tokyo'];
    lines.apply(recorded(n, example('CallbackBooked', { queue, kind: 'IMMEDIATE', zones, at })));
    lines.apply(recorded(n, example('CallbackQueued', { queue, at })));
  }
  const agents = agentsView();
  const people = Array.from({ length: AGENTS }, (_, n) => {
    const queues = [n, n * 7 + 1, n * 13 + 2].map((number) => `q${number % QUEUES}`);
    return { id: `agent-${n}`, state: 'READY' as const, queues, skills: { language: n % 5 } };
  });
  agents.report({ source: 'pbx', sequence: 1, full: true, agents: people }, NOW);
  return dispatchBoard({ configuration: () => configuration, lines, agents, flow: flowView(), regions: regionsView() });
};

/** Decisions of one second's passes, each of which fills every agent's place. */
const perSecond = (waiting: number, deferred: number): number => {
  const board = standing(waiting, deferred);
  const free = Math.min(AGENTS, Math.round(waiting * (1 - deferred)));
  for (let n = 0; n < 50; n++) board.next(NOW);
  let decisions = 0;
  const start = performance.now();
  while (performance.now() - start < RUN_MS) {
    const { admitted } = board.next(NOW);
    if (admitted.length === 0 || admitted.length > free) throw new Error(`${admitted.length} decisions for ${free}`);
    decisions += admitted.length;
  }
  return (decisions * 1_000) / (performance.now() - start);
};

for (const [name, deferred] of [
  ['all-callable', 0],
  ['nine-in-ten-deferred', 0.9],
] as const) {
  const few = perSecond(FEW * (deferred === 0 ? 1 : 10), deferred);
  const many = perSecond(MANY, deferred);
  figure(`${name}/${FEW}-callable`, few, 'decisions/s');
  figure(`${name}/${MANY}-waiting`, many, 'decisions/s');
  figure(`${name}/ratio`, few / many, '', 1.3);
}
