/** What deciding gives: facts to record (none for a repeated command), or a refusal with a stable code. */
export type Decision<E, R> = { readonly ok: true; readonly events: readonly E[] } | { readonly ok: false; readonly refusal: R };

export const accept = <E>(...events: E[]): Decision<E, never> => ({ ok: true, events });
export const refuse = <const R>(refusal: R): Decision<never, R> => ({ ok: false, refusal });

/** Pure: `evolve` folds facts, `decide` answers a command. Neither touches the state it is given. */
export type Decider<S, C, E, R> = {
  readonly initial: S;
  readonly evolve: (state: S, event: E) => S;
  readonly decide: (command: C, state: S) => Decision<E, R>;
};
