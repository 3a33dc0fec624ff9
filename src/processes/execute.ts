import { type Clock, iso } from '../clock.ts';
import { releaseNumber } from '../commands/claim-number.ts';
import { deleteRetired } from '../commands/delete-retired.ts';
import { giveBackPlace } from '../commands/give-back.ts';
import { fold, handle } from '../commands/handle.ts';
import { lapseClaim, lapseHold } from '../commands/lapse.ts';
import { reportAttempt } from '../commands/report.ts';
import { businessDaysKind, callbackKind } from '../commands/streams.ts';
import type { Closing } from '../domain/business-day/closing.ts';
import { businessDayStream } from '../domain/business-day/events.ts';
import { callbackStream, parseAttemptId } from '../domain/callback/events.ts';
import { columnDefaults } from '../domain/configuration/columns.ts';
import { type Configuration, settingsOf } from '../domain/configuration/state.ts';
import { DISPATCH_STREAM } from '../domain/dispatch/events.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import type { ConnectorClient, ConnectorResult } from '../integrations/connector/client.ts';
import type { LapseCommand } from './attempt-decisions.ts';
import type { LimitCommand } from './attempt-limits.ts';
import type { RetryCommand } from './attempt-retries.ts';
import type { WithdrawCommand } from './attempt-withdrawals.ts';
import type { BusinessDayCommand } from './business-days.ts';
import type { ClaimCommand } from './number-claims.ts';
import type { HoldCommand } from './place-holds.ts';
import type { PurgeCommand } from './purge.ts';
import { purgeDay, type WaitingBefore } from './purge-day.ts';
import type { RetireCommand } from './retention.ts';
import type { RetiredQueueCommand } from './retired-queues.ts';
import type { StartCommand } from './start-scheduled.ts';

/** Everything that processes do. */
export type ProcessCommand =
  | RetiredQueueCommand
  | (StartCommand | LapseCommand | LimitCommand | RetryCommand | WithdrawCommand | RetireCommand)
  | (HoldCommand | ClaimCommand | PurgeCommand | BusinessDayCommand);

export type ExecuteDeps = {
  readonly store: EventStore;
  readonly configuration: () => Configuration;
  readonly estimatedWait: (queue: string) => number | null;
  readonly nextPosition: (queue: string) => number;
  readonly unrecordedDay: (queue: string, now: number) => Closing | undefined;
  readonly waitingBefore: WaitingBefore;
  readonly connector: Pick<ConnectorClient, 'withdraw'>;
  readonly clock: Clock;
};

/** Refusals that say that nothing rings: unknown, connected already or gone. Others, such as a bad signature, are tried again. */
const HEARD = new Set([404, 409, 410]);

const NOT_FOUND = 404;

/** A withdrawal that can't be delivered is given up after this long, before its tries are used up: the attempt's own limits are past by then. */
const WITHDRAW_FOR_MS = 4 * 60_000;

/** Whether an attempt was begun by the decision with this event id, and not by another about the same attempt. */
const isBegunBy = async (store: EventStore, callbackId: string, attemptId: string, decisionId: string): Promise<boolean> => {
  for await (const { type, data, metadata } of store.readStream(callbackStream(callbackId)))
    if (type === 'CallbackAttemptStarted' && data.attemptId === attemptId) return metadata.causationId === decisionId;
  return false;
};

const lapseAttempt = async ({ store, clock }: ExecuteDeps, { decision }: LapseCommand, context: CommandContext): Promise<void> => {
  const { queue, callbackId, attemptId, attempt, region, placeBy } = decision;
  const now = iso(clock.now());
  const lapse = { type: 'LapseAttempt', attemptId, attempt, region, placeBy, now } as const;
  const handled = await handle(store, callbackKind, callbackStream(callbackId), lapse, context);
  if (handled.ok && handled.events.length > 0) return;
  if (handled.ok && (await isBegunBy(store, callbackId, attemptId, context.causationId))) return; // or lapsed before
  await store.append(DISPATCH_STREAM, [{ type: 'AttemptVoided', data: { queue, callbackId, attemptId, at: now } }], 'any', context);
};

/** Whether an attempt that the contact center doesn't know may be on its way to it: what was sent may come until `placeBy`. */
const mayArrive = async ({ store, clock }: ExecuteDeps, attemptId: string): Promise<boolean> => {
  const callbackId = parseAttemptId(attemptId)?.callbackId ?? '';
  const { state } = await fold(store, callbackKind, callbackStream(callbackId));
  const attempt = state.state === 'NONE' ? null : state.attempt;
  return attempt?.attemptId === attemptId && !attempt.placed && clock.now() < Date.parse(attempt.placeBy);
};

const isHeard = async (deps: ExecuteDeps, attemptId: string, result: ConnectorResult): Promise<boolean> => {
  if (result.kind !== 'refused') return result.kind === 'accepted';
  return HEARD.has(result.status) && !(result.status === NOT_FOUND && (await mayArrive(deps, attemptId)));
};

const withdraw = async (deps: ExecuteDeps, command: WithdrawCommand, context: CommandContext): Promise<void> => {
  const { store, connector, clock } = deps;
  const { attemptId, since } = command;
  const result = await connector.withdraw({ attemptId });
  const delivered = await isHeard(deps, attemptId, result);
  if (!delivered && clock.now() < Date.parse(since) + WITHDRAW_FOR_MS)
    throw new Error(`attempt ${attemptId} could not be withdrawn: ${result.kind}`);
  await reportAttempt(store, { type: 'RecordWithdrawRequested', attemptId, delivered, now: iso(clock.now()) }, context);
};

/** Carries out what a process owes. A command decides again on its stream, so a repeat does nothing. */
export const execute =
  (deps: ExecuteDeps) =>
  async (command: ProcessCommand, context: CommandContext): Promise<void> => {
    const { store, configuration, estimatedWait, nextPosition, clock } = deps;
    const now = iso(clock.now());
    const settings = (queue: string) => settingsOf(configuration(), queue) ?? columnDefaults;
    switch (command.type) {
      case 'QueueCallback': {
        const { callbackId, desiredTime, queue } = command;
        const queueing = {
          type: 'QueueCallback',
          desiredTime,
          estimatedWaitSeconds: estimatedWait(queue),
          position: nextPosition(queue),
          now,
        } as const;
        await handle(store, callbackKind, callbackStream(callbackId), queueing, context);
        return;
      }
      case 'TimeOutAttempt': {
        const { attemptId, queue } = command;
        const { maxDialAttempts } = settings(queue);
        const silence = { outcome: 'TIMEOUT', cause: null, settled: false, counted: true, reportedAt: null } as const;
        await reportAttempt(store, { type: 'FailAttempt', attemptId, ...silence, maxDialAttempts, now }, context);
        return;
      }
      case 'EndUnreported':
        await reportAttempt(store, { type: 'EndUnreported', attemptId: command.attemptId, now }, context);
        return;
      case 'RequeueCallback': {
        const { ringLimitSeconds } = settings(command.queue);
        await reportAttempt(store, { type: 'RequeueCallback', attemptId: command.attemptId, ringLimitSeconds, now }, context);
        return;
      }
      case 'PurgeCallback': {
        const { callbackPurgeMinutes } = settings(command.queue);
        const enteredBefore = iso(clock.now() - callbackPurgeMinutes * 60_000 + 1);
        const purge = { type: 'PurgeCallback', reason: 'PURGED_TIMEOUT', enteredBefore, now } as const;
        await handle(store, callbackKind, callbackStream(command.callbackId), purge, context);
        return;
      }
      case 'CloseBusinessDay': {
        const { queue } = command;
        const ended = deps.unrecordedDay(queue, clock.now());
        if (ended === undefined) return;
        const close = { type: 'CloseBusinessDay', queue, day: ended.day, closedAt: iso(ended.closedAt), now } as const;
        await handle(store, businessDaysKind, businessDayStream(queue), close, context);
        return;
      }
      case 'PurgeBusinessDay':
        return purgeDay(deps, command, context);
      case 'RetireCallback':
        await handle(store, callbackKind, callbackStream(command.callbackId), { type: 'RetireCallback', now }, context);
        return;
      case 'DeleteRetiredQueue':
        await deleteRetired(store, command.queue, now, context);
        return;
      case 'LapseAttempt':
        return lapseAttempt(deps, command, context);
      case 'WithdrawAttempt':
        return withdraw(deps, command, context);
      case 'LapseHold': {
        const { queue, callbackId, hold, decidedAt } = command;
        return lapseHold(store, { queue, callbackId, hold, decidedAt }, now, context);
      }
      case 'LapseClaim': {
        const { queue, callbackId, claim, decidedAt } = command;
        return lapseClaim(store, { queue, callbackId, claim, decidedAt }, now, context);
      }
      case 'ReleaseClaim': {
        const { queue, callbackId, claim, because } = command;
        return releaseNumber(store, { queue, callbackId, claim, because, now }, context);
      }
      case 'GiveBackHold': {
        const { queue, callbackId, hold, because } = command;
        return giveBackPlace(store, { queue, callbackId, hold, because, now }, context);
      }
    }
  };
