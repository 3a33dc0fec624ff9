import { z } from 'zod';

/** A plain JSON object, as event data is stored. */
export type JsonObject = { readonly [key: string]: unknown };

/**
 * One row of the event catalogue: the current shape, its version, which fields are personal, and how older shapes become it.
 * Personal fields are sealed under the key that the event's `keyId` names, and read as null once that key is gone.
 */
export type EventSpec = {
  readonly v: number;
  readonly data: z.ZodObject;
  readonly personal: readonly string[];
  readonly up?: Readonly<Record<number, (old: JsonObject) => JsonObject>>;
};
export type Catalogue = Readonly<Record<string, EventSpec>>;
export type EventOf<C extends Catalogue> = {
  [T in keyof C & string]: { readonly type: T; readonly data: z.output<C[T]['data']> };
}[keyof C & string];

/** An event of any type, for what treats all alike. */
export type AnyEvent = { readonly type: string; readonly data: JsonObject };

/** Who acted: a person signed in, a program with an API key, one of our own processes, or the contact center. */
export const actor = z.object({ kind: z.enum(['user', 'client', 'process', 'connector']), id: z.string(), name: z.string() });
export type Actor = z.output<typeof actor>;

/** What stands beside the data of every event (1.12). `reason` is the why that the actor gave, in words. */
export type Metadata = {
  readonly version: number;
  readonly correlationId: string;
  readonly causationId: string;
  readonly commandId: string;
  readonly actor: Actor;
  readonly reason?: string;
};

/** An event as it lies in the log. */
export type Recorded<E extends AnyEvent = AnyEvent> = E & {
  readonly id: string;
  readonly streamId: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly metadata: Metadata;
};

/** The code that reads is older than the code that wrote: the reader has to stop. */
export class NewerVersionError extends Error {
  override readonly name = 'NewerVersionError';
}

/** Data of any stored version as current data. Throws `NewerVersionError`, or zod's error on data that the schema refuses. */
export const upcast = (type: string, spec: EventSpec, version: number, stored: JsonObject): JsonObject => {
  if (version > spec.v) throw new NewerVersionError(`${type} v${version} was written by newer code (this knows v${spec.v})`);
  let data = stored;
  for (let v = version; v < spec.v; v++) {
    const up = spec.up?.[v];
    if (up === undefined) throw new Error(`${type}: no step from v${v} to v${v + 1}`);
    data = up(data);
  }
  return spec.data.parse(data);
};

/** UTC text with milliseconds, the only form of an instant in events. */
export const instant = z.iso.datetime({ precision: 3 });
