import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { iso } from '../src/clock.ts';
import { evolve, initialConfiguration } from '../src/domain/configuration/state.ts';
import { agentsView } from '../src/live/agents.ts';
import { departuresView } from '../src/live/departures.ts';
import { dispatchBoard } from '../src/live/dispatch-board.ts';
import { flowView } from '../src/live/flow.ts';
import { regionsView } from '../src/live/regions.ts';
import { waitingLinesView } from '../src/live/waiting-lines.ts';
import { example } from '../test/laws/example.ts';
import { figuresOf } from './kit/figure.ts';
import { optionsOf } from './kit/options.ts';
import { median } from './kit/quantile.ts';
import { recorded } from './kit/recorded.ts';

const QUEUES = 50;
const AGENTS = 200;
/** They take turns, so that what else the machine does burdens them alike. */
const TURNS = 15;
const TURN_MS = 300;
const NOW = Date.UTC(2026, 0, 2);

/** `many` is what one waits among; a process that this one started is told how many wait in it, and how many in a hundred are put off for local hours. */
const { many, waiting, deferred } = optionsOf({ many: 1_000_000, waiting: 0, deferred: 0 });
const clock = { now: () => NOW, at: () => () => {} };
/** Where it is day at NOW, and where it is out of local hours. */
const DAY = 'Asia/Tokyo';
const NIGHT = ['London', 'Berlin', 'Madrid', 'Rome', 'Warsaw', 'Athens', 'Helsinki', 'Lisbon'].map((city) => `Europe/${city}`);
const configuration = Array.from({ length: QUEUES }, (_, n) => n).reduce((state, n) => {
  const data = { queue: `q${n}`, settings: { localHours: { from: '08:00', to: '18:00' } }, at: iso(NOW) };
  return evolve(state, { event: { type: 'QueueCreated', data }, revision: BigInt(n), by: 'bench' });
}, initialConfiguration);
const figure = figuresOf('dispatch');

/** Lines of so many who wait, the first of whom, in that share, are out of local hours; and agents who serve three queues each. */
const standing = () => {
  const lines = waitingLinesView(() => configuration, clock, departuresView());
  for (let n = 0; n < waiting; n++) {
    const queue = `q${n % QUEUES}`;
    const at = iso(NOW - (waiting - n) * 10);
    const zone = n < (waiting * deferred) / 100 ? (NIGHT[n % NIGHT.length] ?? DAY) : DAY;
    lines.apply(recorded(n, example('CallbackBooked', { queue, kind: 'IMMEDIATE', zones: [zone], at })));
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

/** What a turn of passes came to, each of which fills every agent's place: µs a decision, of all threads of the process, and as time passed. */
const turn = z.object({ workUs: z.number(), us: z.number() });
type Turn = z.infer<typeof turn>;

/** In a process of its own: passes whenever it is asked for a turn of them. */
const passes = (): void => {
  const board = standing();
  const free = Math.min(AGENTS, Math.round(waiting * (1 - deferred / 100)));
  process.on('message', () => {
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    let decisions = 0;
    while (performance.now() - start < TURN_MS) {
      const { admitted } = board.next(NOW);
      if (admitted.length === 0 || admitted.length > free) throw new Error(`${admitted.length} decisions for ${free}`);
      if (admitted.some(({ callback }) => callback.zones !== DAY)) throw new Error('somebody is called at night');
      decisions += admitted.length;
    }
    const { user, system } = process.cpuUsage(cpu);
    const done: Turn = { workUs: (user + system) / decisions, us: ((performance.now() - start) * 1_000) / decisions };
    process.send?.(done);
  });
  process.send?.('ready');
};

/** A process of its own, with a heap of its own, ready for its first turn. */
const started = async (inIt: number, deferredInIt: number): Promise<ChildProcess> => {
  const args = ['--waiting', String(inIt), '--deferred', String(deferredInIt)];
  const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--import', 'tsx'] });
  await once(child, 'message');
  return child;
};
const oneTurn = async (child: ChildProcess): Promise<Turn> => {
  const done = once(child, 'message');
  child.send('go');
  return turn.parse((await done)[0]);
};

const compare = async (name: string, few: number, deferredInEach: number): Promise<void> => {
  const children = [await started(few, deferredInEach), await started(many, deferredInEach)] as const;
  for (const child of children) for (let n = 0; n < 3; n++) await oneTurn(child); // warm
  const turns: [Turn, Turn][] = [];
  for (let n = 0; n < TURNS; n++) turns.push([await oneTurn(children[0]), await oneTurn(children[1])]);
  for (const child of children) child.kill();
  const of = (pick: (pair: [Turn, Turn]) => number): number => median(turns.map(pick));
  figure(`${name}/${few}-waiting`, 1_000_000 / of(([a]) => a.us), 'decisions/s');
  figure(`${name}/${many}-waiting`, 1_000_000 / of(([, b]) => b.us), 'decisions/s');
  figure(
    `${name}/${few}-waiting/work`,
    of(([a]) => a.workUs),
    'µs of all threads a decision',
  );
  figure(
    `${name}/${many}-waiting/work`,
    of(([, b]) => b.workUs),
    'µs of all threads a decision',
  );
  figure(
    `${name}/ratio-of-time`,
    of(([a, b]) => b.us / a.us),
    '',
    1.3,
  );
  figure(
    `${name}/ratio-of-work`,
    of(([a, b]) => b.workUs / a.workUs),
    '',
    1.3,
  );
};

if (process.send !== undefined) passes();
else {
  await compare('all-callable', 1_000, 0);
  await compare('nine-in-ten-deferred', 10_000, 90);
}
