import { accept, type Decision, refuse } from '../kit/decider.ts';
import type { CallbackCommand, CallbackRefusal } from './commands.ts';
import { completed } from './completion.ts';
import { type CallbackEvent, parseAttemptId } from './events.ts';
import { type Attempt, type Callback, disregardedKey } from './state.ts';

/** What is said about an attempt: by the contact center, by the connector's answer, or by a limit that passed. */
type ReportCommand = Extract<
  CallbackCommand,
  { type: 'RecordPlaced' | 'FailAttempt' | 'ReportAnswered' | 'ReportConnected' | 'ReportEnded' | 'ReportWithdrawn' | 'EndUnreported' }
>;
type CallbackDecision = Decision<CallbackEvent, CallbackRefusal>;

const nameOf = (command: ReportCommand): string => {
  switch (command.type) {
    case 'FailAttempt':
      return command.outcome;
    case 'ReportConnected':
      return `CONNECTED ${command.agentId}`;
    case 'ReportEnded':
      return `ENDED ${command.by}`;
    default:
      return command.type.replace(/^(Report|Record)/, '').toUpperCase();
  }
};

/** So many reports without effect are kept of one callback: whoever goes on contradicting himself doesn't make its history longer. */
export const MOST_DISREGARDED = 100;

/** Late and contradictory reports are recorded once, and change nothing (7.4). Our own limit isn't one: it says that nobody reported. */
const disregard = (command: ReportCommand, callback: Callback, because: string): CallbackDecision => {
  if (command.type === 'FailAttempt' && !command.settled) return accept();
  if (callback.disregarded.length >= MOST_DISREGARDED) return accept();
  const { attemptId, now } = command;
  const reportedAt = 'reportedAt' in command ? command.reportedAt : null;
  const data = { queue: callback.queue, attemptId, report: nameOf(command), because, reportedAt, at: now };
  return callback.disregarded.includes(disregardedKey(data)) ? accept() : accept({ type: 'CallbackReportDisregarded', data });
};

const fail = (command: Extract<ReportCommand, { type: 'FailAttempt' }>, callback: Callback, attempt: Attempt): CallbackDecision => {
  const { attemptId, outcome, cause, settled, counted, reportedAt, maxDialAttempts, now } = command;
  if (attempt.outcome === outcome) return accept();
  if (callback.state !== 'ROUTING') return disregard(command, callback, 'ATTEMPT_OVER');
  if (attempt.answered) return disregard(command, callback, 'ALREADY_ANSWERED');
  const { queue, dialed } = callback;
  const final = outcome === 'INVALID_NUMBER' || (counted && dialed >= maxDialAttempts);
  const failed: CallbackEvent = {
    type: 'CallbackAttemptFailed',
    data: { queue, attemptId, attempt: attempt.attempt, outcome, cause, settled, counted, final, reportedAt, at: now },
  };
  if (!final) return accept(failed);
  return accept<CallbackEvent>(failed, completed(callback, 'ATTEMPTS_EXHAUSTED', 'QUEUED', now));
};

const answered = (callback: Callback, attempt: Attempt, at: string, reportedAt?: string | null): CallbackEvent[] => {
  if (attempt.answered) return [];
  const data = { queue: callback.queue, attemptId: attempt.attemptId, ...(reportedAt == null ? {} : { reportedAt }), at };
  return [{ type: 'CallbackAttemptAnswered', data }];
};

const connected = (
  callback: Callback,
  attempt: Attempt,
  { agentId, reportedAt, now }: { agentId: string | null; reportedAt: string | null; now: string },
): CallbackEvent[] => {
  if (attempt.connected) return [];
  const data = { queue: callback.queue, attemptId: attempt.attemptId, agentId, reportedAt, at: now };
  return [...answered(callback, attempt, now), { type: 'CallbackConnected', data }];
};

/** An end by the agent implies that he was connected; one by the customer before that is an abandoned call (1.3). */
const ended = (command: Extract<ReportCommand, { type: 'ReportEnded' }>, callback: Callback, attempt: Attempt): CallbackDecision => {
  const { by, reportedAt, now } = command;
  const before = by === 'AGENT' ? connected(callback, attempt, { agentId: null, reportedAt, now }) : answered(callback, attempt, now);
  const reached = attempt.connected || by === 'AGENT';
  const [reason, stateBefore] = reached ? (['AGENT', 'PROCESSING'] as const) : (['ABANDONED', 'ROUTING'] as const);
  return accept<CallbackEvent>(...before, completed(callback, reason, stateBefore, now, { endedBy: by, reportedAt }));
};

/** We ask for a withdrawal only once an attempt is over, so one before that is a failure: it waits for its retry like others. */
const withdrawnUnasked = (
  { attemptId, reportedAt, now }: Extract<ReportCommand, { type: 'ReportWithdrawn' }>,
  { queue }: Callback,
  { attempt }: Attempt,
): CallbackDecision => {
  const failure = { outcome: 'FAILED', cause: 'WITHDRAWN_UNASKED', settled: true, counted: false, final: false } as const;
  return accept({ type: 'CallbackAttemptFailed', data: { queue, attemptId, attempt, ...failure, reportedAt, at: now } });
};

const withdrawn = (
  command: Extract<ReportCommand, { type: 'ReportWithdrawn' }>,
  callback: Callback,
  attempt: Attempt,
): CallbackDecision => {
  if (attempt.settled) return accept();
  if (attempt.answered) return disregard(command, callback, 'ALREADY_ANSWERED');
  const { attemptId, reportedAt, now } = command;
  if (callback.state === 'ROUTING') return withdrawnUnasked(command, callback, attempt);
  return accept({ type: 'CallbackAttemptWithdrawn', data: { queue: callback.queue, attemptId, reportedAt, at: now } });
};

const endUnreported = (callback: Callback, attempt: Attempt, now: string): CallbackDecision => {
  if (attempt.over || callback.state === 'COMPLETED') return accept();
  const [reason, stateBefore] = attempt.connected ? (['AGENT', 'PROCESSING'] as const) : (['ABANDONED', 'ROUTING'] as const);
  return accept(completed(callback, reason, stateBefore, now, { unreported: true }));
};

/** Decides on a report about an attempt; one that comes early implies those before it (7.4). */
export const decideReport = (command: ReportCommand, callback: Callback): CallbackDecision => {
  const { attempt } = callback;
  const named = parseAttemptId(command.attemptId);
  if (attempt === null || named === undefined || named.attempt > attempt.attempt) return refuse({ code: 'UNKNOWN_ATTEMPT' });
  if (attempt.attemptId !== command.attemptId) return disregard(command, callback, 'OLDER_ATTEMPT');
  const live = (callback.state === 'ROUTING' || callback.state === 'PROCESSING') && !attempt.over;
  const { queue } = callback;
  switch (command.type) {
    case 'RecordPlaced':
      return attempt.placed || !live
        ? accept()
        : accept({ type: 'CallbackAttemptPlaced', data: { queue, attemptId: attempt.attemptId, at: command.now } });
    case 'FailAttempt':
      return fail(command, callback, attempt);
    case 'ReportAnswered':
      if (attempt.answered) return accept();
      return live ? accept(...answered(callback, attempt, command.now, command.reportedAt)) : disregard(command, callback, 'ATTEMPT_OVER');
    case 'ReportConnected':
      if (attempt.connected) return attempt.agentId === command.agentId ? accept() : disregard(command, callback, 'ALREADY_CONNECTED');
      return live ? accept(...connected(callback, attempt, command)) : disregard(command, callback, 'ATTEMPT_OVER');
    case 'ReportEnded':
      if (live) return ended(command, callback, attempt);
      if (callback.endedBy === null) return disregard(command, callback, 'ATTEMPT_OVER');
      return callback.endedBy === command.by ? accept() : disregard(command, callback, 'ALREADY_ENDED');
    case 'ReportWithdrawn':
      return withdrawn(command, callback, attempt);
    case 'EndUnreported':
      return endUnreported(callback, attempt, command.now);
  }
};
