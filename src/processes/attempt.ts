import { type Clock, iso, sleepUntil } from '../clock.ts';
import { fold, handle } from '../commands/handle.ts';
import { reportAttempt } from '../commands/report.ts';
import { callbackKind } from '../commands/streams.ts';
import { callbackStream } from '../domain/callback/events.ts';
import type { Callback } from '../domain/callback/state.ts';
import { columnDefaults, type Settings } from '../domain/configuration/columns.ts';
import { assignedRule } from '../domain/configuration/rule-state.ts';
import { type Configuration, settingsOf } from '../domain/configuration/state.ts';
import { isStopped } from '../domain/configuration/stop-state.ts';
import { barredUntil } from '../domain/dispatch/calling-hours.ts';
import { type Decided, DISPATCH_STREAM } from '../domain/dispatch/events.ts';
import { readAnyNumber } from '../domain/phone/number.ts';
import { zonesOfNumber } from '../domain/phone/zones.ts';
import { isAllowed, testNumber } from '../domain/rules/number-verdict.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { ConnectorClient, ConnectorResult } from '../integrations/connector/client.ts';
import type { AttemptPlacement } from '../integrations/connector/messages.ts';

type Decision = Decided['data'];

const FIRST_RETRY_MS = 100;
const NUMBER_GONE: ConnectorResult = { kind: 'refused', status: 0, reason: 'NUMBER_ERASED' };
const STOPPED: ConnectorResult = { kind: 'refused', status: 0, reason: 'DIALING_STOPPED' };

export type AttemptDeps = {
  readonly store: EventStore;
  readonly configuration: () => Configuration;
  readonly connector: Pick<ConnectorClient, 'place' | 'withdraw'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether a number (E.164) is on the do-not-call list. */
  readonly isBarred: (phoneNumber: string) => boolean;
};

/**
 * Starts the attempt that a pass decided on, and asks the contact center to place it. Whoever's append made the start sends, at once and
 * once: where it stays unknown whether it arrived, nothing is sent again and the report limit decides (7.6). Nothing is started or sent of a
 * queue that was stopped since (1.15).
 */
export const startAttempt = async (deps: AttemptDeps, decision: Decision, context: CommandContext): Promise<void> => {
  const { store, clock, configuration, connector } = deps;
  const { callbackId, attemptId, attempt, region, placeBy } = decision;
  const streamId = callbackStream(callbackId);
  const { state, revision } = await fold(store, callbackKind, streamId, true);
  if (state.state === 'NONE' || revision === undefined) return;
  if (isStopped(configuration(), state.queue)) {
    const voided = { queue: state.queue, callbackId, attemptId, at: iso(clock.now()) };
    await store.append(DISPATCH_STREAM, [{ type: 'AttemptVoided', data: voided }], 'any', context);
    return;
  }
  const settings = settingsOf(configuration(), state.queue) ?? columnDefaults;
  if (isForbidden(deps, state)) {
    await handle(store, callbackKind, streamId, { type: 'RejectCallback', now: iso(clock.now()) }, context);
    return;
  }
  const placement = placementOf(decision, state, settings);
  const [displayNumber, routePoint] = [settings.callDisplayNumber, placement?.routePoint ?? null];
  const placedWith = { ...(displayNumber === null ? {} : { displayNumber }), ...(routePoint === null ? {} : { routePoint }) };
  const start = {
    type: 'StartAttempt',
    attemptId,
    attempt,
    region,
    placeBy,
    placedWith,
    ...deferralOf(deps, state, settings),
    now: iso(clock.now()),
  } as const;
  const started = callbackKind.decider.decide(start, state);
  if (!started.ok || started.events.length === 0) return;
  const appended = await store.append(streamId, started.events, revision, context);
  if (!appended.ok) return startAttempt(deps, decision, context); // somebody came first: it is decided anew, for it may still wait
  if (started.events.some(({ type }) => type === 'CallbackDeferred')) return;

  const result =
    placement === undefined
      ? NUMBER_GONE
      : await placeUntil(deps, placement, Math.min(Date.parse(placeBy), clock.now() + settings.reportLimitSeconds * 1000));
  const now = iso(clock.now());
  if (result.kind === 'accepted') {
    await reportAttempt(store, { type: 'RecordPlaced', attemptId, now }, context);
    if (placement !== undefined && (await isOver(store, placement))) await connector.withdraw({ attemptId }); // ended while it was sent, and may have been withdrawn before
  }
  if (result.kind === 'refused' || result.kind === 'unreachable') {
    const cause = result.kind === 'refused' ? result.reason : 'CONNECTOR_UNREACHABLE';
    const { maxDialAttempts } = settings;
    const nothingRang = { settled: true, counted: false, reportedAt: null, maxDialAttempts } as const;
    await reportAttempt(store, { type: 'FailAttempt', attemptId, outcome: 'FAILED', cause, ...nothingRang, now }, context);
  }
};

/** Whether the queue's number rule, or the do-not-call list, forbids the call by now (1.5, 4.1, 7.5). */
const isForbidden = ({ configuration, isBarred }: AttemptDeps, { queue, phoneNumber }: Callback): boolean => {
  if (phoneNumber === null) return false;
  const number = readAnyNumber(phoneNumber);
  const rule = assignedRule(configuration().rules, 'numbers', queue);
  return ('e164' in number && rule !== undefined && !isAllowed(testNumber(rule, number))) || isBarred(phoneNumber);
};

const zonesOf = ({ zones, phoneNumber }: Callback): readonly string[] => {
  const number = zones !== undefined || phoneNumber === null ? undefined : readAnyNumber(phoneNumber);
  return zones ?? (number !== undefined && 'e164' in number ? zonesOfNumber(number) : []);
};

/** The customer's local hours are over (7.5), by what the callback itself knows. */
const deferralOf = ({ configuration, clock }: AttemptDeps, state: Callback, settings: Settings) => {
  if (settings.localHours === null) return {};
  const zones = zonesOf(state);
  const until = barredUntil(configuration(), settings, zones, clock.now());
  return until === undefined ? {} : { deferral: { until: iso(until), because: 'LOCAL_HOURS' as const, zones } };
};

const placementOf = (decision: Decision, callback: Callback, settings: Settings): AttemptPlacement | undefined => {
  const { callbackId, attemptId, queue, region, placeBy } = decision;
  const { phoneNumber, userData, overrides } = callback;
  if (phoneNumber === null) return undefined;
  return {
    ...{ attemptId, placeBy, callbackId, queue, phoneNumber, region, userData: userData ?? {} },
    displayName: settings.callDisplayName,
    displayNumber: settings.callDisplayNumber,
    routePoint: overrides.routePoint ?? settings.routePoint,
  };
};

/** Only a connector that was surely never reached is tried again, until `placeBy` (epoch ms), and only while the attempt is still wanted. */
const placeUntil = async (
  { store, configuration, connector, clock, signal }: AttemptDeps,
  placement: AttemptPlacement,
  placeBy: number,
): Promise<ConnectorResult> => {
  for (let pause = FIRST_RETRY_MS; ; pause *= 2) {
    if (isStopped(configuration(), placement.queue)) return STOPPED;
    if (clock.now() >= placeBy) return { kind: 'unreachable', cause: 'PLACE_BY_PASSED' };
    const result = await connector.place(placement, signal);
    if (result.kind !== 'unreachable' || signal.aborted) return result;
    await sleepUntil(clock, Math.min(clock.now() + pause, placeBy), signal);
    if (await isOver(store, placement)) return { kind: 'unknown', cause: 'NO_LONGER_WANTED' };
  }
};

const isOver = async (store: EventStore, { callbackId, attemptId }: AttemptPlacement): Promise<boolean> => {
  const { state } = await fold(store, callbackKind, callbackStream(callbackId));
  return state.state === 'NONE' || state.state === 'COMPLETED' || state.attempt?.attemptId !== attemptId || state.attempt.over;
};
