import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bookCallback } from '../../src/commands/book.ts';
import { configure } from '../../src/commands/configure.ts';
import { handle } from '../../src/commands/handle.ts';
import { reportAttempt, reportFailure } from '../../src/commands/report.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import type { OwnSettings } from '../../src/domain/configuration/columns.ts';
import { etagOf } from '../../src/domain/configuration/decider.ts';
import { CONFIGURATION_STREAM } from '../../src/domain/configuration/events.ts';
import type { Precondition } from '../../src/domain/kit/precondition.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { all } from '../eventstore/door.ts';
import { type Desk, idOf, NOW, openDesk, typesOf } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const now = new Date(NOW).toISOString();

describe('configuring', () => {
  const put = (queue: string, settings: OwnSettings, precondition: Precondition = {}) =>
    configure(desk.store, { type: 'PutQueueSettings', queue, settings, precondition, now }, desk.context());

  it('different rows at once: all hold', async () => {
    const answers = await Promise.all(['r-1', 'r-2', 'r-3', 'r-4'].map((queue) => put(queue, { pacing: 0.5 })));
    expect(answers.every((answer) => answer.ok && answer.changed)).toBe(true);
  });
  it('one row at once under one etag: one edit holds, the others are refused', async () => {
    const made = await put('row', { pacing: 0.5 });
    const row = made.ok ? made.configuration.queues.get('row') : undefined;
    const ifMatch = row ? etagOf(row) : '';
    const answers = await Promise.all([0.6, 0.7, 0.8].map((pacing) => put('row', { pacing }, { ifMatch })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toEqual({ ok: false, refusal: { code: 'PRECONDITION_FAILED' } });
  });
  it('answers the configuration as it is after the change, with its etag', async () => {
    const first = await put('after', { pacing: 0.5 });
    const second = await put('after', { pacing: 0.6 }, { ifMatch: '*' });
    const rowOf = (answer: typeof first) => (answer.ok ? answer.configuration.queues.get('after') : undefined);
    expect(rowOf(second)).toMatchObject({ own: { pacing: 0.6 }, updatedBy: 'web' });
    const events = await all(desk.store.readStream(CONFIGURATION_STREAM));
    expect(rowOf(second)?.revision).toBe(events.at(-1)?.revision);
    expect(second).toMatchObject({ ok: true, position: events.at(-1)?.position });
  });
  it('what changes nothing, or is refused, leaves no event', async () => {
    await put('same', { pacing: 0.5 });
    const before = await desk.store.lastPosition();
    expect(await put('same', { pacing: 0.5 }, { ifMatch: '*' })).toMatchObject({ ok: true, changed: false });
    expect(await put('same', { businessHours: 'nobody made them' }, { ifMatch: '*' })).toMatchObject({ ok: false });
    expect(await desk.store.lastPosition()).toBe(before);
  });
});

const ringing = async () => {
  const { deps, request, queue } = desk.deskFor();
  const id = idOf(await bookCallback(deps, request(), desk.context()));
  const attemptId = attemptIdOf(id, 1);
  const start = { type: 'StartAttempt', attemptId, attempt: 1, region: null, placeBy: now, now } as const;
  await handle(desk.store, callbackKind, callbackStream(id), start, desk.context());
  return { id, attemptId, queue };
};

describe('reporting', () => {
  it('the same at once is recorded once', async () => {
    const { id, attemptId } = await ringing();
    const report = { type: 'ReportConnected', attemptId, agentId: 'agent-1', reportedAt: null, now } as const;
    const answers = await Promise.all([1, 2, 3].map(() => reportAttempt(desk.store, report, desk.context())));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(typesOf(await desk.historyOf(id)).slice(3)).toEqual(['CallbackAttemptAnswered', 'CallbackConnected']);
  });
  it('a failure asks for the limit of the callback’s queue', async () => {
    const { id, attemptId, queue } = await ringing();
    const asked: string[] = [];
    const limit = (name: string) => {
      asked.push(name);
      return 1;
    };
    const failure = { attemptId, outcome: 'BUSY', reportedAt: null, now } as const;
    expect(await reportFailure(desk.store, failure, limit, desk.context())).toMatchObject({ ok: true });
    expect(asked).toEqual([queue]);
    expect((await desk.historyOf(id)).at(-1)?.data).toMatchObject({ reason: 'ATTEMPTS_EXHAUSTED' });
  });
  it.each(['nonsense', 'nobody.1', 'c.0', '.1', ''])('about %j, which is no attempt, is refused and leaves no event', async (attemptId) => {
    const before = await desk.store.lastPosition();
    const refused = { ok: false, refusal: { code: 'UNKNOWN_ATTEMPT' } };
    expect(await reportAttempt(desk.store, { type: 'ReportAnswered', attemptId, reportedAt: null, now }, desk.context())).toEqual(refused);
    const failure = { attemptId, outcome: 'BUSY', reportedAt: null, now } as const;
    expect(await reportFailure(desk.store, failure, () => 3, desk.context())).toEqual(refused);
    expect(await desk.store.lastPosition()).toBe(before);
  });
});

describe('carrying out a command', () => {
  it('gives up when another writer always comes first', async () => {
    const { id } = await ringing();
    const contended: EventStore = { ...desk.store, append: async () => ({ ok: false, actual: 99n }) };
    const cancel = handle(contended, callbackKind, callbackStream(id), { type: 'CancelCallback', by: 'user', now }, desk.context());
    await expect(cancel).rejects.toThrow('another writer came first');
  });
});
