import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iso } from '../../src/clock.ts';
import { bookCallback } from '../../src/commands/book.ts';
import { handle } from '../../src/commands/handle.ts';
import { callbackKind } from '../../src/commands/streams.ts';
import { attemptIdOf, callbackStream } from '../../src/domain/callback/events.ts';
import type { StopSwitch } from '../../src/domain/configuration/stop-state.ts';
import type { ConnectorClient } from '../../src/integrations/connector/client.ts';
import { startAttempt } from '../../src/processes/attempt.ts';
import { type Desk, idOf, openDesk, typesOf } from '../commands/desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const PARIS = '+33123456789';
const stop: StopSwitch = { stopped: true, reason: 'storm', by: 'ann', since: '2026-03-02T09:00:00.000Z', revision: 1n };

/** The start of a callback's attempt, whose placement is held up while `meanwhile` happens; what went out, and the history after that. */
const heldUp = async (meanwhile: (world: ReturnType<typeof worldOf>) => unknown) => {
  const { deps, request, queue, configure } = desk.deskFor();
  const id = idOf(await bookCallback(deps, request({ phoneNumber: PARIS }), desk.context()));
  const world = worldOf(id, configure);
  const sent: string[] = [];
  const place: ConnectorClient['place'] = async ({ attemptId }, _signal, instead = async () => undefined) => {
    await meanwhile(world);
    const unsent = await instead();
    if (unsent !== undefined) return unsent;
    sent.push(attemptId);
    return { kind: 'accepted' };
  };
  const now = desk.clock.now();
  const decision = { queue, callbackId: id, attemptId: attemptIdOf(id, 1), attempt: 1, region: null, placeBy: iso(now + 10_000) };
  await startAttempt(
    {
      ...{ store: deps.store, clock: desk.clock, signal: new AbortController().signal },
      configuration: () => ({ ...deps.configuration(), stops: world.stops }),
      isBarred: (number) => world.barred.has(number),
      connector: { place, withdraw: async () => ({ kind: 'accepted' }) },
    },
    { ...decision, basedOn: { readyAgents: 1, inFlight: 0 }, at: iso(now) },
    desk.context(),
  );
  const history = (await desk.historyOf(id)).slice(2);
  return { sent, types: typesOf(history), causes: history.flatMap(({ data }) => ('cause' in data ? [data.cause] : [])) };
};
const worldOf = (id: string, configure: ReturnType<Desk['deskFor']>['configure']) => ({
  stops: new Map<string | null, StopSwitch>(),
  barred: new Set<string>(),
  configure,
  cancel: () => {
    const cancel = { type: 'CancelCallback', by: 'client', now: iso(desk.clock.now()) } as const;
    return handle(desk.store, callbackKind, callbackStream(id), cancel, desk.context());
  },
});
const FAILED = ['CallbackAttemptStarted', 'CallbackAttemptFailed'];

describe('a placement that was held up', () => {
  it('goes out when nothing has changed meanwhile', async () => {
    const { sent, types } = await heldUp(() => {});
    expect([sent.length, types]).toEqual([1, ['CallbackAttemptStarted', 'CallbackAttemptPlaced']]);
  });
  it.each<[string, Parameters<typeof heldUp>[0], string]>([
    ['dialing was stopped', ({ stops }) => stops.set(null, stop), 'DIALING_STOPPED'],
    ['its number was put on the do-not-call list', ({ barred }) => barred.add(PARIS), 'NUMBER_FORBIDDEN'],
    ['its local hours are over', ({ configure }) => configure({ localHours: { from: '12:00', to: '21:00' } }), 'LOCAL_HOURS'],
  ])('doesn’t go out when %s meanwhile: the attempt has failed, uncounted, and waits for its retry', async (_, meanwhile, cause) => {
    expect(await heldUp(meanwhile)).toEqual({ sent: [], types: FAILED, causes: [cause] });
  });
  it('doesn’t go out when its callback was cancelled meanwhile', async () => {
    const { sent, types } = await heldUp(({ cancel }) => cancel());
    expect([sent, types]).toEqual([[], ['CallbackAttemptStarted', 'CallbackCancelled']]);
  });
});
