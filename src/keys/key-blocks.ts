const DAY_MS = 86_400_000;
/** A key is taken within so long after it was written, or not at all. */
const TAKEN_WITHIN_MS = 7 * DAY_MS;
/** One that nobody took is deleted so long after it was written; what it leaves is for the fact of its use to be heard of. */
const UNUSED_MS = 30 * DAY_MS;

/** A fresh key that nothing is sealed under yet. It mustn't be taken from `takeBefore` (epoch ms) on. */
export type UnusedKey = { readonly keyId: string; readonly key: Buffer; readonly takeBefore: number };

export type KeyBlocks = {
  /** A key that no one else gets, and that is in the store. Waits for the store only when none is on hand; rejects if it fails then. */
  readonly take: () => Promise<UnusedKey>;
  /** Puts back a key that was taken and surely not used: the next to take one gets it. */
  readonly giveBack: (key: UnusedKey) => void;
  /** Starts to fill up what is on hand, without waiting. */
  readonly prepare: () => void;
  /** Ends it, and gives the keys that nobody took. */
  readonly drain: () => Promise<readonly UnusedKey[]>;
};

/**
 * Random keys, written to the store in blocks of `blockSize` before the first of them is used, about `ahead` of them on hand:
 * so taking one does no I/O, and goes on for that many while the store is away. `random` gives that many random bytes.
 * Blocks are always new, so a crash loses what was on hand; no key is handed out again that wasn't given back. `deleteAfter` is when the
 * store deletes those of a block that nobody took, unless that is moved: null without `now` (epoch ms), for then nobody knows how old one is.
 */
export const keyBlocks = (options: {
  readonly write: (keys: readonly UnusedKey[], deleteAfter: string | null) => Promise<void>;
  readonly now?: (() => number) | undefined;
  readonly random: (bytes: number) => Buffer;
  readonly blockSize: number;
  readonly ahead: number;
}): KeyBlocks => {
  const { write, now, random, blockSize, ahead } = options;
  const onHand: UnusedKey[] = [];
  let filling: Promise<void> | undefined;
  let ended = false;

  const writeBlock = async () => {
    const block = random(12).toString('base64url'); // neighbours in the store's index
    const at = now?.();
    const takeBefore = at === undefined ? Number.POSITIVE_INFINITY : at + TAKEN_WITHIN_MS;
    const keys = Array.from({ length: blockSize }, (_, i) => ({ keyId: `${block}.${i.toString(36)}`, key: random(32), takeBefore }));
    await write(keys, at === undefined ? null : new Date(at + UNUSED_MS).toISOString());
    onHand.push(...keys);
  };
  const fill = (): Promise<void> => {
    filling ??= writeBlock().finally(() => {
      filling = undefined;
    });
    return filling;
  };
  const prepare = () => {
    if (ended || filling !== undefined || onHand.length >= ahead) return;
    fill().then(prepare, () => undefined); // the next to take a key tries again
  };

  const take = async (): Promise<UnusedKey> => {
    for (;;) {
      if (ended) throw new Error('the keyring is closed');
      const key = onHand.pop();
      if (key !== undefined && now !== undefined && key.takeBefore <= now()) continue;
      if (key !== undefined) {
        prepare();
        return key;
      }
      await fill();
    }
  };
  const giveBack = (key: UnusedKey) => {
    if (!ended) onHand.push(key);
  };
  const drain = async () => {
    ended = true;
    await filling?.catch(() => undefined);
    return onHand.splice(0);
  };
  return { take, giveBack, prepare, drain };
};
