/** A stream folded: its state, and the revision and position of its last event, also of one that only newer code knows (undefined: no event). */
export type Folded<S> = { readonly state: S; readonly revision: bigint | undefined; readonly position: bigint | undefined };
