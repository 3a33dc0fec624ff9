import { expect } from 'vitest';
import type { Decider } from '../../src/domain/kit/decider.ts';

/** given(decider)(...past).when(command).then(...events) | .refused(refusal) | .nothing(); `.gives()` answers the events themselves. */
export const given =
  <S, C, E, R>({ initial, evolve, decide }: Decider<S, C, E, R>) =>
  (...past: readonly E[]) => {
    const state = past.reduce(evolve, initial);
    return {
      state,
      when: (command: C) => {
        const untouched = structuredClone(state);
        const decision = decide(command, state);
        expect(state).toEqual(untouched); // deciding must not touch the state it was given
        const gives = (): readonly E[] => {
          if (!decision.ok) throw new Error(`refused: ${JSON.stringify(decision.refusal)}`);
          return decision.events;
        };
        return {
          gives,
          // biome-ignore lint/suspicious/noThenProperty: given, when, then; nobody awaits it
          then: (...events: readonly E[]) => {
            expect(decision).toEqual({ ok: true, events });
          },
          nothing: () => {
            expect(decision).toEqual({ ok: true, events: [] });
          },
          refused: (refusal: R) => {
            expect(decision).toEqual({ ok: false, refusal });
          },
        };
      },
    };
  };
