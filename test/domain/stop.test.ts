import { describe, expect, it } from 'vitest';
import type { ConfigurationEvent } from '../../src/domain/configuration/events.ts';
import { type Configuration, type ConfigurationFact, evolve, initialConfiguration } from '../../src/domain/configuration/state.ts';
import { decideStop, type StopRefusal, switchEtag, switchOf, type TurnSwitch } from '../../src/domain/configuration/stop-decider.ts';
import { isStopped, stopOf } from '../../src/domain/configuration/stop-state.ts';
import type { Decider } from '../../src/domain/kit/decider.ts';
import { given } from '../support/given.ts';

const now = '2026-03-02T10:00:00.000Z';
const earlier = '2026-03-02T09:00:00.000Z';

const decider: Decider<Configuration, TurnSwitch, ConfigurationFact | ConfigurationEvent, StopRefusal> = {
  initial: initialConfiguration,
  evolve: (state, fact) => ('event' in fact ? evolve(state, fact) : state),
  decide: decideStop,
};
const past = (...events: ConfigurationEvent[]) =>
  given(decider)(...events.map((event, index): ConfigurationFact => ({ event, revision: BigInt(index), by: `user ${index}` })));
const made = (queue: string): ConfigurationEvent => ({ type: 'QueueCreated', data: { queue, settings: {}, at: earlier } });
const deleted = (queue: string): ConfigurationEvent => ({ type: 'QueueDeleted', data: { queue, settings: {}, at: earlier } });
const stopped = (queue: string | null, reason: string | null = null, at = earlier): ConfigurationEvent => ({
  ...{ type: 'DialingStopped', data: { queue, reason, at } },
});
const resumed = (queue: string | null): ConfigurationEvent => ({ type: 'DialingResumed', data: { queue, reason: null, at: earlier } });
const turn = (queue: string | null, to: boolean, some: Partial<TurnSwitch> = {}): TurnSwitch => ({
  ...{ queue, stopped: to, reason: null, precondition: {}, now, ...some },
});
const base = [made('default'), made('sales'), made('support')];

describe('the stop switch', () => {
  it('of a queue stops that one alone, and the one for all stops every one', () => {
    const one = past(...base, stopped('sales')).state;
    expect([isStopped(one, 'sales'), isStopped(one, 'support')]).toEqual([true, false]);
    const all = past(...base, stopped(null)).state;
    expect([isStopped(all, 'sales'), isStopped(all, 'support')]).toEqual([true, true]);
  });
  it('of a queue stays on when the one for all is off again', () => {
    const both = past(...base, stopped('sales', 'its own'), stopped(null, 'everything')).state;
    expect(stopOf(both, 'sales')).toMatchObject({ of: 'all', reason: 'everything' });
    expect(stopOf(past(...base, stopped('sales', 'its own'), stopped(null), resumed(null)).state, 'sales')).toMatchObject({
      ...{ of: 'queue', reason: 'its own' },
    });
  });
  it('is turned on and off', () => {
    past(...base)
      .when(turn('sales', true, { reason: 'storm' }))
      .then({ type: 'DialingStopped', data: { queue: 'sales', reason: 'storm', at: now } });
    past(...base, stopped(null))
      .when(turn(null, false))
      .then({ type: 'DialingResumed', data: { queue: null, reason: null, at: now } });
  });
  it('that stands so already isn’t turned, but for another reason', () => {
    past(...base)
      .when(turn('sales', false, { reason: 'why not' }))
      .nothing();
    const already = past(...base, stopped('sales', 'storm'));
    already.when(turn('sales', true)).nothing();
    already.when(turn('sales', true, { reason: 'storm' })).nothing();
    expect(already.when(turn('sales', true, { reason: 'flood' })).gives()).toMatchObject([{ type: 'DialingStopped' }]);
  });
  it('says who set it last and why, and since when it stands so', () => {
    const state = past(...base, stopped('sales', 'storm'), stopped('sales', 'flood', now)).state;
    expect(switchOf(state, 'sales')).toEqual({ stopped: true, reason: 'flood', by: 'user 4', since: earlier, revision: 4n });
    expect(switchOf(state, null)).toBeUndefined();
  });
  it('takes the version that it is turned at, and doesn’t need it', () => {
    const state = past(...base, stopped('sales'));
    expect(state.when(turn('sales', false, { precondition: { ifMatch: '"3"' } })).gives()).toMatchObject([{ type: 'DialingResumed' }]);
    state.when(turn('sales', false, { precondition: { ifMatch: '"2"' } })).refused({ code: 'PRECONDITION_FAILED' });
    expect(switchEtag(undefined)).toBe('"0"');
    const never = past(...base).when(turn('sales', true, { precondition: { ifMatch: '"0"' } }));
    expect(never.gives()).toMatchObject([{ type: 'DialingStopped' }]);
  });
  it('isn’t there for a queue that isn’t, nor for the default row', () => {
    past(...base)
      .when(turn('nothing', true))
      .refused({ code: 'UNKNOWN_QUEUE' });
    past(...base)
      .when(turn('default', true))
      .refused({ code: 'UNKNOWN_QUEUE' });
  });
  it('goes with its queue: another one of its name begins without', () =>
    expect(isStopped(past(...base, stopped('sales'), deleted('sales'), made('sales')).state, 'sales')).toBe(false));
});
