import { describe, expect, it } from 'vitest';
import { callback } from '../../../src/domain/callback/decider.ts';
import { MOST_DISREGARDED } from '../../../src/domain/callback/reports.ts';
import { given } from '../../support/given.ts';
import {
  answered,
  attemptId,
  cancelled,
  completed,
  connected,
  disregarded,
  done,
  fail,
  failed,
  held,
  NOW,
  placed,
  reportAnswered,
  reportConnected,
  reportEnded,
  reportWithdrawn,
  requeued,
  ringing,
  started,
  talking,
  timedOut,
  waiting,
  withdrawn,
} from './facts.ts';

const callbackAfter = given(callback);
const abandoned = completed({ reason: 'ABANDONED', stateBefore: 'ROUTING', endedBy: 'CUSTOMER' });
const recordPlaced = { type: 'RecordPlaced', attemptId: attemptId(1), now: NOW } as const;

describe('reports in order', () => {
  it('placed, answered, connected, ended', () => {
    callbackAfter(...waiting, started())
      .when(recordPlaced)
      .then(placed());
    callbackAfter(...ringing)
      .when(reportAnswered())
      .then(answered());
    callbackAfter(...ringing, answered())
      .when(reportConnected())
      .then(connected());
    callbackAfter(...talking)
      .when(reportEnded('CUSTOMER'))
      .then(completed({ endedBy: 'CUSTOMER' }));
  });
  it('an end by the customer before any agent had him is an abandoned call', () =>
    callbackAfter(...ringing, answered())
      .when(reportEnded('CUSTOMER'))
      .then(completed({ reason: 'ABANDONED', stateBefore: 'ROUTING', endedBy: 'CUSTOMER' })));
  it('keep the instant that the contact center names beside our own', () => {
    const reportedAt = '2026-03-02T09:59:58.000Z';
    callbackAfter(...ringing)
      .when(fail({ reportedAt }))
      .then(failed(1, { reportedAt }));
  });
});

describe('a report that comes early implies those before it', () => {
  it('connected implies answered', () =>
    callbackAfter(...waiting, started())
      .when(reportConnected())
      .then(answered(), connected()));
  it('an end by the agent implies answered and connected, by an agent who is not known', () =>
    callbackAfter(...waiting, started())
      .when(reportEnded('AGENT'))
      .then(answered(), connected(1, { agentId: null }), completed({ endedBy: 'AGENT' })));
  it('an end by the customer implies answered only', () =>
    callbackAfter(...waiting, started())
      .when(reportEnded('CUSTOMER'))
      .then(answered(), completed({ reason: 'ABANDONED', stateBefore: 'ROUTING', endedBy: 'CUSTOMER' })));
  it('an end by the customer who was connected implies nothing more', () =>
    callbackAfter(...waiting, started(), answered(), connected())
      .when(reportEnded('CUSTOMER'))
      .then(completed({ endedBy: 'CUSTOMER' })));
  it('and those, when they come after it, change nothing', () => {
    const early = [...waiting, started(), answered(), connected()];
    callbackAfter(...early)
      .when(reportAnswered())
      .nothing();
    callbackAfter(...early)
      .when(recordPlaced)
      .nothing();
    callbackAfter(...early, completed())
      .when(reportConnected())
      .nothing();
    callbackAfter(...early, completed())
      .when(reportAnswered())
      .nothing();
    callbackAfter(...early, completed())
      .when(recordPlaced)
      .nothing();
  });
});

describe('a repeated report decides to nothing', () => {
  it.each([
    ['placed', ringing, recordPlaced],
    ['failed', [...ringing, failed()], fail()],
    ['failed, after the retry came', [...ringing, failed(), requeued], fail()],
    ['answered', [...ringing, answered()], reportAnswered()],
    ['connected', talking, reportConnected()],
    ['ended', done, reportEnded('AGENT')],
    ['withdrawn', [...ringing, withdrawn()], reportWithdrawn()],
    ['withdrawn, of an attempt that failed', [...ringing, failed()], reportWithdrawn()],
  ])('%s', (_, history, report) =>
    callbackAfter(...history)
      .when(report)
      .nothing(),
  );
});

describe('a late or contradictory report is recorded once, and changes nothing', () => {
  it.each([
    ['failed after answered', [...ringing, answered()], fail(), disregarded('BUSY', 'ALREADY_ANSWERED')],
    ['failed after connected', talking, fail(), disregarded('BUSY', 'ATTEMPT_OVER')],
    ['another failure', [...ringing, failed()], fail({ outcome: 'FAX' }), disregarded('FAX', 'ATTEMPT_OVER')],
    ['answered after failed', [...ringing, failed()], reportAnswered(), disregarded('ANSWERED', 'ATTEMPT_OVER')],
    ['answered after TIMEOUT', [...ringing, timedOut()], reportAnswered(), disregarded('ANSWERED', 'ATTEMPT_OVER')],
    ['connected after failed', [...ringing, failed()], reportConnected(), disregarded('CONNECTED agent-1', 'ATTEMPT_OVER')],
    ['ended after failed', [...ringing, failed()], reportEnded('AGENT'), disregarded('ENDED AGENT', 'ATTEMPT_OVER')],
    ['connected to another agent', talking, reportConnected(1, 'agent-2'), disregarded('CONNECTED agent-2', 'ALREADY_CONNECTED')],
    [
      'connected to another agent, after the end',
      done,
      reportConnected(1, 'agent-2'),
      disregarded('CONNECTED agent-2', 'ALREADY_CONNECTED'),
    ],
    [
      'who was connected, after an end by the agent that implied it',
      [...waiting, started(), answered(), connected(1, { agentId: null }), completed()],
      reportConnected(),
      disregarded('CONNECTED agent-1', 'ALREADY_CONNECTED'),
    ],
    [
      'connected after the customer gave up',
      [...ringing, answered(), abandoned],
      reportConnected(),
      disregarded('CONNECTED agent-1', 'ATTEMPT_OVER'),
    ],
    ['ended by the other side', done, reportEnded('CUSTOMER'), disregarded('ENDED CUSTOMER', 'ALREADY_ENDED')],
    [
      'ended by the agent, after the customer gave up',
      [...ringing, answered(), abandoned],
      reportEnded('AGENT'),
      disregarded('ENDED AGENT', 'ALREADY_ENDED'),
    ],
    [
      'ended after the limit ended it',
      [...talking, completed({ endedBy: null, unreported: true })],
      reportEnded('AGENT'),
      disregarded('ENDED AGENT', 'ATTEMPT_OVER'),
    ],
    [
      'ended after a cancellation',
      [...ringing, cancelled({ stateBefore: 'ROUTING', withdraws: attemptId(1) })],
      reportEnded('AGENT'),
      disregarded('ENDED AGENT', 'ATTEMPT_OVER'),
    ],
    ['withdrawn after answered', [...ringing, answered()], reportWithdrawn(), disregarded('WITHDRAWN', 'ALREADY_ANSWERED')],
    ['failed after the end', done, fail(), disregarded('BUSY', 'ATTEMPT_OVER')],
    ['of an older attempt', [...ringing, failed(), requeued, started(2)], fail(), disregarded('BUSY', 'OLDER_ATTEMPT')],
    [
      'connected, of an older attempt',
      [...ringing, timedOut(), requeued, started(2)],
      reportConnected(),
      disregarded('CONNECTED agent-1', 'OLDER_ATTEMPT'),
    ],
  ])('%s', (_, history, report, recorded) => {
    callbackAfter(...history)
      .when(report)
      .then(recorded);
    callbackAfter(...history, recorded)
      .when(report)
      .nothing();
    const { disregarded: _before, updatedAt: _at, ...before } = { disregarded: [], updatedAt: '', ...callbackAfter(...history).state };
    expect(callbackAfter(...history, recorded).state).toMatchObject(before);
  });
});

it('reports without effect are kept up to a bound, however many agents a contact center names', () => {
  const named = Array.from({ length: MOST_DISREGARDED }, (_, n) => disregarded(`CONNECTED other-${n}`, 'ALREADY_CONNECTED'));
  callbackAfter(...talking, ...named.slice(1))
    .when(reportConnected(1, 'one-more'))
    .then(disregarded('CONNECTED one-more', 'ALREADY_CONNECTED'));
  callbackAfter(...talking, ...named)
    .when(reportConnected(1, 'one-more'))
    .nothing();
  callbackAfter(...talking, ...named)
    .when(reportEnded('AGENT'))
    .then(completed({ endedBy: 'AGENT' }));
});

describe('a report about an attempt that was never made is refused', () => {
  it.each([
    ['nobody booked', [], { code: 'UNKNOWN_CALLBACK' }],
    ['none was started', waiting, { code: 'UNKNOWN_ATTEMPT' }],
    ['it is held', held, { code: 'UNKNOWN_ATTEMPT' }],
  ] as const)('%s', (_, history, refusal) =>
    callbackAfter(...history)
      .when(fail())
      .refused(refusal),
  );
  it('its number is beyond those started', () =>
    callbackAfter(...ringing)
      .when(reportConnected(2))
      .refused({ code: 'UNKNOWN_ATTEMPT' }));
});

describe('a withdrawal', () => {
  it('that nobody asked for fails a ringing attempt, uncounted, and leaves the retry to its delay', () => {
    const unasked = failed(1, { outcome: 'FAILED', cause: 'WITHDRAWN_UNASKED', counted: false });
    callbackAfter(...ringing)
      .when(reportWithdrawn())
      .then(unasked);
    expect(callbackAfter(...ringing, unasked).state).toMatchObject({ state: 'QUEUED', inLine: false, dialed: 0 });
  });
  it('after a TIMEOUT says that the phone rings no more, and leaves the retry to its delay', () => {
    callbackAfter(...ringing, timedOut())
      .when(reportWithdrawn())
      .then(withdrawn());
    const { state } = callbackAfter(...ringing, timedOut(), withdrawn());
    expect(state).toMatchObject({ state: 'QUEUED', inLine: false, attempt: { settled: true } });
  });
});
