/** Loaded keys, each still to be opened: one that won't open mustn't fail those it was loaded with. */
type Loaded = ReadonlyMap<string, () => Buffer>;

export type KeyCache = {
  /** The key, from memory or loaded; undefined when it is lost. */
  readonly get: (keyId: string) => Promise<Buffer | undefined>;
  /** The key, if it is in memory. */
  readonly peek: (keyId: string) => Buffer | undefined;
  readonly put: (keyId: string, key: Buffer) => void;
  /** Drops these, also for those who are waiting for them; the next to ask asks the store. */
  readonly drop: (keyIds: readonly string[]) => void;
  /** From now on these are lost, also to those who are waiting for them, whatever the store says. */
  readonly bar: (keyIds: readonly string[]) => void;
  /** These are lost, as facts say: also while the store still has them, or it would be read back for long. The `capacity` last ones are remembered. */
  readonly evict: (keyIds: readonly string[]) => void;
  /** The store doesn't have these any more, and answers for itself again. */
  readonly unbar: (keyIds: readonly string[]) => void;
};

/** Takes out what was put in first. */
export const dropOldest = (kept: Map<string, unknown> | Set<string>): void => {
  const [oldest] = kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
};

type Loading = { readonly key: Promise<Buffer | undefined>; dropped: boolean };

/**
 * Keeps the `capacity` keys last used. Those asked for in one turn, or while others are being loaded, are loaded together. Lost keys aren't remembered,
 * and a key that is dropped while it is being loaded doesn't come back.
 */
export const keyCache = (load: (keyIds: readonly string[]) => Promise<Loaded>, capacity: number): KeyCache => {
  const keys = new Map<string, Buffer>(); // in order of last use
  const barred = new Set<string>();
  const evicted = new Set<string>(); // in order of their facts
  const loading = new Map<string, Loading>();
  let underWay: Promise<unknown> = Promise.resolve();
  let batch: { readonly keyIds: string[]; readonly loaded: Promise<Loaded> } | undefined;

  const put = (keyId: string, key: Buffer) => {
    keys.delete(keyId);
    keys.set(keyId, key);
    if (keys.size > capacity) dropOldest(keys);
  };

  const loadInBatch = (keyId: string): Promise<Loaded> => {
    if (batch === undefined) {
      const keyIds: string[] = [];
      const begin = () => {
        batch = undefined;
        return load(keyIds);
      };
      const loaded = underWay.then(begin, begin);
      underWay = loaded;
      batch = { keyIds, loaded };
    }
    batch.keyIds.push(keyId);
    return batch.loaded;
  };

  const startLoading = (keyId: string): Promise<Buffer | undefined> => {
    const loaded = async () => {
      try {
        const key = (await loadInBatch(keyId)).get(keyId)?.();
        if (entry.dropped || key === undefined) return undefined;
        put(keyId, key);
        return key;
      } finally {
        if (loading.get(keyId) === entry) loading.delete(keyId);
      }
    };
    const entry: Loading = { key: Promise.resolve().then(loaded), dropped: false };
    loading.set(keyId, entry);
    return entry.key;
  };

  const get = async (keyId: string): Promise<Buffer | undefined> => {
    if (barred.has(keyId) || evicted.has(keyId)) return undefined;
    const key = keys.get(keyId);
    if (key === undefined) return loading.get(keyId)?.key ?? startLoading(keyId);
    put(keyId, key);
    return key;
  };

  const drop = (keyIds: readonly string[]) => {
    for (const keyId of keyIds) {
      keys.delete(keyId);
      const entry = loading.get(keyId);
      if (entry !== undefined) entry.dropped = true;
      loading.delete(keyId);
    }
  };
  const bar = (keyIds: readonly string[]) => {
    for (const keyId of keyIds) barred.add(keyId);
    drop(keyIds);
  };
  const evict = (keyIds: readonly string[]) => {
    for (const keyId of keyIds) {
      evicted.add(keyId);
      if (evicted.size > capacity) dropOldest(evicted);
    }
    drop(keyIds);
  };
  const unbar = (keyIds: readonly string[]) => {
    for (const keyId of keyIds) barred.delete(keyId);
  };
  return { get, peek: (keyId) => keys.get(keyId), put, drop, bar, evict, unbar };
};
