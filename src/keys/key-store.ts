/** A row of the key store. `deleteAfter`: an instant as UTC text with milliseconds, or null while nothing ends it. */
export type KeyRecord = { readonly keyId: string; readonly sealedKey: Uint8Array; readonly deleteAfter: string | null };

/** Another sealing of the same content, to take the place of `before` if that is still there. */
export type Resealed = { readonly keyId: string; readonly before: Uint8Array; readonly after: Uint8Array };

/**
 * Where the keys of personal data lie, sealed, beside a few named secrets, sealed too. Every write is on disk when it settles.
 * A key that was deleted is gone for good: nothing here brings one back.
 */
export type KeyStore = {
  /** Whether several processes may have it open at once. */
  readonly shared: boolean;
  /** Adds new rows, all or none. An id that is there already is an error. */
  readonly putKeys: (records: readonly KeyRecord[]) => Promise<void>;
  /** The rows that are there of those asked for, in any order. */
  readonly getKeys: (keyIds: readonly string[]) => Promise<readonly KeyRecord[]>;
  /** In order of id, from after `after` on, at most `limit`. */
  readonly listKeys: (after: string | undefined, limit: number) => Promise<readonly KeyRecord[]>;
  /** Replaces the sealing of rows that are still as they were; what was deleted meanwhile stays away. */
  readonly resealKeys: (changes: readonly Resealed[]) => Promise<void>;
  /** Moves the dates of the rows that are there of these, by id, all or none. */
  readonly setDeleteAfter: (dates: ReadonlyMap<string, string | null>) => Promise<void>;
  /** Deletes the rows of these ids that are there. */
  readonly deleteKeys: (keyIds: readonly string[]) => Promise<void>;
  /** Deletes rows whose date is at or before `now`, at most `limit`, earliest first, and gives their ids. */
  readonly deleteExpired: (now: string, limit: number) => Promise<readonly string[]>;
  readonly getSecret: (name: string) => Promise<Uint8Array | undefined>;
  /** Adds a secret unless there is one of that name; gives the one that is there then. */
  readonly addSecret: (name: string, sealed: Uint8Array) => Promise<Uint8Array>;
  /** Writes (or with undefined deletes) several secrets, all or none; none, and answers false, unless the secret `when` names is still as given. */
  readonly putSecrets: (
    secrets: Readonly<Record<string, Uint8Array | undefined>>,
    when?: { readonly name: string; readonly is: Uint8Array },
  ) => Promise<boolean>;
  /** Copies what is in the store now, and nothing that was deleted, into a new folder; undefined where the database's own tools do that. */
  readonly backUp: ((to: string) => Promise<void>) | undefined;
  readonly close: () => Promise<void>;
};
