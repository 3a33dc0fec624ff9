import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configurationEvents } from '../../src/domain/configuration/events.ts';
import {
  accumulate,
  type ConfigurationFact,
  configurationFact,
  draftOf,
  evolve,
  initialConfiguration,
} from '../../src/domain/configuration/state.ts';
import { configurationView } from '../../src/live/configuration.ts';
import type { Event } from '../../src/projections/kit/projection.ts';
import { draftsOfType, recorded } from '../laws/histories.ts';

const metadata = {
  version: 1,
  correlationId: 'r',
  causationId: 'r',
  commandId: 'm',
  actor: { kind: 'user' as const, id: '1', name: 'ann' },
};
const anyChanges: fc.Arbitrary<Event[]> = fc
  .array(fc.oneof(...Object.keys(configurationEvents).map(draftsOfType)), { maxLength: 40 })
  .map((drafts) => recorded(drafts.map((draft) => [draft, metadata] as const)));

const factsOf = (events: readonly Event[]): ConfigurationFact[] =>
  events.flatMap((event) => {
    const fact = configurationFact(event);
    return fact === undefined ? [] : [fact];
  });

describe('the fold of the configuration', () => {
  it('gives the same in place as in copies', () =>
    fc.assert(
      fc.property(anyChanges.map(factsOf), (facts) => {
        const draft = draftOf(initialConfiguration);
        for (const fact of facts) accumulate(draft, fact);
        expect(draft).toEqual(facts.reduce(evolve, initialConfiguration));
      }),
    ));

  it('leaves what it was given as it was', () =>
    fc.assert(
      fc.property(anyChanges.map(factsOf), anyChanges.map(factsOf), (before, after) => {
        const state = before.reduce(evolve, initialConfiguration);
        const copy = structuredClone(state);
        after.reduce(evolve, state);
        expect(state).toEqual(copy);
      }),
    ));
});

describe('the configuration that the live view hands out', () => {
  it('is that of the changes so far, with the place of the last, and never changes any more', () =>
    fc.assert(
      fc.property(anyChanges, anyChanges, (before, after) => {
        const events = recorded([...before, ...after].map((event) => [event, event.metadata] as const));
        const then = events.slice(0, before.length);
        const view = configurationView();
        for (const event of then) view.apply(event);
        const handedOut = view.soFar();
        for (const event of events.slice(before.length)) view.apply(event);
        const last = then.at(-1);
        expect(handedOut).toEqual({
          ...{ state: factsOf(then).reduce(evolve, initialConfiguration), revision: last?.revision, position: last?.position },
        });
        expect(view.current()).toEqual(factsOf(events).reduce(evolve, initialConfiguration));
      }),
    ));
});
