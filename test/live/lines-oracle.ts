import fc from 'fast-check';
import { iso } from '../../src/clock.ts';
import type { CallbackCommand } from '../../src/domain/callback/commands.ts';
import { callback as decider } from '../../src/domain/callback/decider.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import type { Callback, CallbackState } from '../../src/domain/callback/state.ts';
import { type Configuration, evolve, initialConfiguration, settingsOf } from '../../src/domain/configuration/state.ts';
import { DISPATCH_STREAM } from '../../src/domain/dispatch/events.ts';
import { compareStanding, effectivePriority, type Standing } from '../../src/domain/dispatch/order.ts';
import { departuresView } from '../../src/live/departures.ts';
import { waitingLinesView } from '../../src/live/waiting-lines.ts';
import { immediate } from '../domain/callback/facts.ts';
import { memoryLog } from './log.ts';

const START = Date.parse('2026-03-02T10:00:00.000Z');
/** Zones that somebody is in; not known, or none that is. */
export const someZones = [null, '', 'Europe/Paris', 'Europe/Lisbon Europe/Paris'];
export const queues = ['sales', 'support'];

const configurationOf = (edits: readonly { queue: string; priority: object; at: number }[]): Configuration =>
  edits.reduce((configuration, { queue, priority, at }, index) => {
    const data = { queue, settings: { priority }, at: iso(at) };
    return evolve(configuration, { event: { type: 'QueueCreated', data }, revision: BigInt(index), by: 'ann' });
  }, initialConfiguration);

/** One callback as the oracle knows it: its own state, and the decision about it that is not carried out yet. */
type Known = { readonly state: CallbackState; readonly decided: string | null; readonly zones: string | null };

/** The line by plain arrays: everybody's standing computed, then sorted. */
const oracle = (known: ReadonlyMap<string, Known>, configuration: Configuration, now: number) => {
  const open = [...known].flatMap(([id, { state, decided, zones }]) =>
    state.state === 'NONE' || state.state === 'COMPLETED' ? [] : [{ id, callback: state, decided, zones }],
  );
  const standing = (id: string, { queue, overrides, queuedAt }: Callback): Standing => {
    const ageing = settingsOf(configuration, queue)?.priority ?? { initial: 0, increment: 0, everySeconds: 60, limit: 1000 };
    const enteredAt = Date.parse(queuedAt ?? '');
    return { id, enteredAt, priority: effectivePriority({ initial: overrides.priority ?? ageing.initial, enteredAt }, ageing, now) };
  };
  const isBeside = ({ callback }: (typeof open)[number]): boolean => !callback.inLine;
  const waitingIn = (queue: string, who: (one: (typeof open)[number]) => boolean) =>
    open
      .filter((one) => one.callback.queue === queue && one.callback.state === 'QUEUED' && one.decided === null && who(one))
      .map(({ id, callback }) => standing(id, callback))
      .sort(compareStanding);
  const lineOf = (queue: string, without: ReadonlySet<string> = new Set()) =>
    waitingIn(queue, (one) => !isBeside(one) && (one.zones === null || !without.has(one.zones)));
  const everybodyIn = (queue: string) => waitingIn(queue, () => true);
  const isFlying = ({ callback, decided }: (typeof open)[number]) => decided !== null || callback.state === 'ROUTING';
  return {
    lineOf,
    everybodyIn,
    besideIn: (queue: string) => waitingIn(queue, isBeside),
    states: [...known.values()].map(({ state }) => state.state),
    openIn: (queue: string) => open.filter(({ callback }) => callback.queue === queue).length,
    inFlight: new Map(
      queues.flatMap((queue) => {
        const count = open.filter((one) => one.callback.queue === queue && isFlying(one)).length;
        return count === 0 ? [] : [[queue, count] as const];
      }),
    ),
    positionOf: (id: string): number => {
      const one = open.find((other) => other.id === id);
      if (one === undefined || one.callback.state !== 'QUEUED' || isFlying(one)) return 0;
      const own = standing(id, one.callback);
      return everybodyIn(one.callback.queue).filter((other) => compareStanding(other, own) < 0).length + 1;
    },
  };
};

export const ids = Array.from({ length: 5 }, (_, index) => `c-${index}`);
const ageing = fc.record({
  ...{ initial: fc.nat(10), increment: fc.nat(5), everySeconds: fc.integer({ min: 1, max: 90 }), limit: fc.nat(20) },
});
export const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('book' as const),
      id: fc.constantFrom(...ids),
      queue: fc.constantFrom(...queues),
      priority: fc.option(fc.nat(3), { nil: null }),
      zones: fc.constantFrom(...someZones),
      held: fc.boolean(),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...Array<'on'>(8).fill('on'),
        'queue',
        'decide',
        'start',
        'defer',
        'defer',
        'void',
        'lapse',
        'fail',
        'requeue',
        'connect',
        'end',
        'cancel',
        'withdraw',
        'erase',
      ),
      id: fc.constantFrom(...ids),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('edit' as const), queue: fc.constantFrom(...queues), priority: ageing }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat(200) }) },
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What is asked of a callback by that name, about its last attempt. */
const commandOf = (name: string, id: string, { attempt, desiredTime }: Callback, now: string): CallbackCommand | undefined => {
  const attemptId = attempt?.attemptId ?? attemptIdOf(id, 1);
  const report = { attemptId, reportedAt: null, now };
  const byName: Readonly<Record<string, CallbackCommand>> = {
    queue: { type: 'QueueCallback', desiredTime, estimatedWaitSeconds: null, now },
    fail: { type: 'FailAttempt', ...report, outcome: 'BUSY', cause: null, settled: true, counted: true, maxDialAttempts: 3 },
    requeue: { type: 'RequeueCallback', attemptId, ringLimitSeconds: 60, now },
    connect: { type: 'ReportConnected', ...report, agentId: 'agent-1' },
    end: { type: 'ReportEnded', ...report, by: 'AGENT' },
    withdraw: { type: 'ReportWithdrawn', ...report },
    cancel: { type: 'CancelCallback', by: 'user', now },
    erase: { type: 'ErasePersonalData', now },
  };
  return byName[name];
};

/** What comes next where all goes well, or not quite. */
const onward = ({ state, inLine, attempts }: Callback, decided: string | null): string => {
  if (state === 'SCHEDULED') return 'queue';
  if (state === 'PROCESSING') return 'end';
  if (state === 'ROUTING') return attempts % 2 === 0 ? 'connect' : 'fail';
  if (!inLine) return 'requeue';
  return decided === null ? 'decide' : 'start';
};

export type World = {
  readonly view: ReturnType<typeof waitingLinesView>;
  readonly expected: ReturnType<typeof oracle>;
  readonly now: number;
};

/** Plays the steps to the view and the oracle, and looks after each. */
export const play = (steps: readonly Step[], look: (world: World) => void): void => {
  const log = memoryLog();
  const known = new Map<string, Known>();
  const edits: { queue: string; priority: object; at: number }[] = [];
  let configuration = initialConfiguration;
  let now = START;
  const view = waitingLinesView(() => configuration, { now: () => now, at: () => () => {} }, departuresView());

  const stateOf = (id: string): Known => known.get(id) ?? { state: decider.initial, decided: null, zones: null };
  const tell = (id: string, command: CallbackCommand, decided: string | null): void => {
    const { state } = stateOf(id);
    const decision = decider.decide(command, state);
    if (!decision.ok) return;
    for (const event of log.append(callbackStream(id), ...decision.events)) view.apply(event);
    const zones = decision.events.reduce(
      (before, { data }) => ('zones' in data ? (data.zones?.join(' ') ?? before) : before),
      stateOf(id).zones,
    );
    known.set(id, { state: decision.events.reduce(decider.evolve, state), decided, zones });
  };
  const dispatch = (id: string, queue: string, type: 'AttemptDecided' | 'AttemptVoided', attemptId: string, attempt: number): void => {
    const common = { queue, callbackId: id, attemptId, at: iso(now) };
    const decided = { ...common, attempt, region: null, placeBy: iso(now + 10_000), basedOn: { readyAgents: 1, inFlight: 0 } };
    const event = type === 'AttemptDecided' ? { type, data: decided } : { type, data: common };
    for (const recorded of log.append(DISPATCH_STREAM, event)) view.apply(recorded);
  };
  const act = (asked: string, id: string): void => {
    const { state, decided } = stateOf(id);
    if (state.state === 'NONE') return;
    const name = asked === 'on' ? onward(state, decided) : asked;
    const attempt = state.attempts + 1;
    const attemptId = attemptIdOf(id, attempt);
    if (name === 'decide' && state.state !== 'COMPLETED' && state.inLine && decided === null) {
      dispatch(id, state.queue, 'AttemptDecided', attemptId, attempt);
      known.set(id, { ...stateOf(id), decided: attemptId });
    } else if (name === 'void' && decided !== null) {
      dispatch(id, state.queue, 'AttemptVoided', decided, attempt);
      known.set(id, { ...stateOf(id), decided: null });
    } else if ((name === 'start' || name === 'lapse' || name === 'defer') && decided !== null) {
      const common = { attemptId, attempt, region: null, placeBy: iso(now), now: iso(now) };
      const deferral = { until: iso(now), because: 'LOCAL_HOURS', zones: ['Europe/Paris'] } as const;
      if (name === 'lapse') tell(id, { type: 'LapseAttempt', ...common }, null);
      else tell(id, { type: 'StartAttempt', ...common, ...(name === 'defer' ? { deferral } : {}) }, null);
    } else {
      const command = commandOf(name, id, state, iso(now));
      if (command !== undefined) tell(id, command, decided);
    }
  };
  for (const one of steps) {
    if (one.do === 'wait') now += one.seconds * 1000;
    else if (one.do === 'edit') {
      edits.push({ ...one, at: now });
      configuration = configurationOf(edits);
    } else if (one.do === 'book' && 'held' in one) {
      const { id, queue, priority, zones, held } = one;
      const booking = {
        ...immediate,
        queue,
        kind: held ? ('SCHEDULED' as const) : ('IMMEDIATE' as const),
        overrides: { ...immediate.overrides, priority },
        ...(zones === null ? {} : { zones: zones === '' ? [] : zones.split(' ') }),
      };
      tell(id, { type: 'BookCallback', booking, now: iso(now) }, stateOf(id).decided);
    } else act(one.do, one.id);
    look({ view, expected: oracle(known, configuration, now), now });
  }
};
