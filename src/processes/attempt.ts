import { iso } from '../clock.ts';
import { fold, handle, noteAppended } from '../commands/handle.ts';
import { reportAttempt } from '../commands/report.ts';
import { callbackKind } from '../commands/streams.ts';
import { callbackStream } from '../domain/callback/events.ts';
import { type Callback, withoutPersonalData } from '../domain/callback/state.ts';
import { columnDefaults, type Settings } from '../domain/configuration/columns.ts';
import { settingsOf } from '../domain/configuration/state.ts';
import { isStopped } from '../domain/configuration/stop-state.ts';
import { type Decided, DISPATCH_STREAM } from '../domain/dispatch/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { ConnectorClient, ConnectorResult } from '../integrations/connector/client.ts';
import type { AttemptPlacement } from '../integrations/connector/messages.ts';
import { deferralOf, isForbidden } from './may-call.ts';
import { isOver, type PlacingDeps, placeUntil } from './place-until.ts';

type Decision = Decided['data'];
export type AttemptDeps = PlacingDeps & { readonly connector: Pick<ConnectorClient, 'withdraw'> };

const NUMBER_GONE: ConnectorResult = { kind: 'refused', status: 0, reason: 'NUMBER_ERASED' };

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
  noteAppended(store, callbackKind, streamId, { ...appended, state: withoutPersonalData(state), events: started.events });
  if (started.events.some(({ type }) => type === 'CallbackDeferred')) return;

  const result =
    placement === undefined
      ? NUMBER_GONE
      : await placeUntil(deps, placement, Math.min(Date.parse(placeBy), clock.now() + settings.reportLimitSeconds * 1000));
  const now = iso(clock.now());
  if (result.kind === 'accepted') {
    const placed = await reportAttempt(store, { type: 'RecordPlaced', attemptId, now }, context);
    const isLive = placed.ok && placed.events.length > 0; // or it couldn't be recorded as placed
    if (placement !== undefined && !isLive && (await isOver(store, placement))) await connector.withdraw({ attemptId }); // ended while it was sent, and may have been withdrawn before
  }
  if (result.kind === 'refused' || result.kind === 'unreachable') {
    const cause = result.kind === 'refused' ? result.reason : 'CONNECTOR_UNREACHABLE';
    const { maxDialAttempts } = settings;
    const nothingRang = { settled: true, counted: false, reportedAt: null, maxDialAttempts } as const;
    await reportAttempt(store, { type: 'FailAttempt', attemptId, outcome: 'FAILED', cause, ...nothingRang, now }, context);
  }
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
