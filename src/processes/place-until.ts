import { type Clock, sleepUntil } from '../clock.ts';
import { fold } from '../commands/handle.ts';
import { callbackKind } from '../commands/streams.ts';
import { callbackStream } from '../domain/callback/events.ts';
import type { Callback } from '../domain/callback/state.ts';
import { columnDefaults } from '../domain/configuration/columns.ts';
import { settingsOf } from '../domain/configuration/state.ts';
import { isStopped } from '../domain/configuration/stop-state.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { ConnectorClient, ConnectorResult } from '../integrations/connector/client.ts';
import type { AttemptPlacement } from '../integrations/connector/messages.ts';
import { deferralOf, isForbidden, type MayCallDeps } from './may-call.ts';

export type PlacingDeps = MayCallDeps & {
  readonly store: EventStore;
  readonly connector: Pick<ConnectorClient, 'place'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** From 0 to 1: spreads the repeats to a connector that isn't reached. Left out, they aren't spread. */
  readonly random?: () => number;
};

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;
const STOPPED: ConnectorResult = { kind: 'refused', status: 0, reason: 'DIALING_STOPPED' };
const FORBIDDEN: ConnectorResult = { kind: 'refused', status: 0, reason: 'NUMBER_FORBIDDEN' };
const OUT_OF_HOURS: ConnectorResult = { kind: 'refused', status: 0, reason: 'LOCAL_HOURS' };
const UNWANTED: ConnectorResult = { kind: 'unknown', cause: 'NO_LONGER_WANTED' };

/** Why a placement mustn't go out by what this node knows at this moment (1.15, 4.1, 7.5); undefined: it may. */
const barredNow = (deps: PlacingDeps, { queue, phoneNumber }: AttemptPlacement): ConnectorResult | undefined => {
  if (isStopped(deps.configuration(), queue)) return STOPPED;
  return isForbidden(deps, { queue, phoneNumber }) ? FORBIDDEN : undefined;
};

/** The same of one that was held up: it may not be wanted any more, and its local hours may be over. */
const barredSince = async (deps: PlacingDeps, placement: AttemptPlacement): Promise<ConnectorResult | undefined> => {
  const { state } = await fold(deps.store, callbackKind, callbackStream(placement.callbackId));
  if (state.state === 'NONE' || isOverIn(state, placement)) return UNWANTED;
  const settings = settingsOf(deps.configuration(), placement.queue) ?? columnDefaults;
  const { deferral } = deferralOf(deps, { ...state, phoneNumber: placement.phoneNumber }, settings);
  return barredNow(deps, placement) ?? (deferral === undefined ? undefined : OUT_OF_HOURS);
};

/**
 * Only a connector that was surely never reached is tried again, until `placeBy` (epoch ms), and only while the attempt is still wanted.
 * Pauses double up to two seconds, spread by half to each side.
 */
export const placeUntil = async (deps: PlacingDeps, placement: AttemptPlacement, placeBy: number): Promise<ConnectorResult> => {
  const { connector, clock, signal, random = () => 0.5 } = deps;
  let barred = barredNow(deps, placement); // it was started just now: the rest has been looked at
  for (let pause = FIRST_RETRY_MS; ; pause = Math.min(2 * pause, LONGEST_RETRY_MS)) {
    if (barred !== undefined) return barred;
    if (clock.now() >= placeBy) return { kind: 'unreachable', cause: 'PLACE_BY_PASSED' };
    const result = await connector.place(placement, signal, () => barredSince(deps, placement));
    if (result.kind !== 'unreachable' || signal.aborted) return result;
    await sleepUntil(clock, Math.min(clock.now() + pause * (0.5 + random()), placeBy), signal);
    barred = await barredSince(deps, placement);
  }
};

const isOverIn = ({ state, attempt }: Callback, { attemptId }: AttemptPlacement): boolean =>
  state === 'COMPLETED' || attempt?.attemptId !== attemptId || attempt.over;

/** Whether an attempt isn't wanted any more. */
export const isOver = async (store: EventStore, placement: AttemptPlacement): Promise<boolean> => {
  const { state } = await fold(store, callbackKind, callbackStream(placement.callbackId));
  return state.state === 'NONE' || isOverIn(state, placement);
};
