import type { DomainEvent } from '../../src/domain/catalogue.ts';
import type { Recorded } from '../../src/domain/kit/events.ts';
import type { Process, Todo } from '../../src/processes/kit/process.ts';

/** What a process owes for one instance after a history, by folding it as the engine does. */
export const owed = <S, C>(
  process: Process<S, C>,
  history: readonly Recorded<DomainEvent>[],
  instance: string,
): Readonly<Record<string, Todo<C>>> => {
  let state = process.initial;
  for (const event of history) {
    if (process.instanceOf(event) !== instance) continue;
    const untouched = structuredClone(state);
    const next = process.evolve(state, event);
    if (JSON.stringify(state) !== JSON.stringify(untouched)) throw new Error(`${process.name} changed the state it was given`);
    state = next;
  }
  return process.todo(state, instance);
};
