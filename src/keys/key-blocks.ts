/** A fresh key that nothing is sealed under yet. */
export type UnusedKey = { readonly keyId: string; readonly key: Buffer };

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
 * Blocks are always new, so a crash loses what was on hand; no key is handed out again that wasn't given back.
 */
export const keyBlocks = (options: {
  readonly write: (keys: readonly UnusedKey[]) => Promise<void>;
  readonly random: (bytes: number) => Buffer;
  readonly blockSize: number;
  readonly ahead: number;
}): KeyBlocks => {
  const { write, random, blockSize, ahead } = options;
  const onHand: UnusedKey[] = [];
  let filling: Promise<void> | undefined;
  let ended = false;

  const writeBlock = async () => {
    const block = random(12).toString('base64url'); // neighbours in the store's index
    const keys = Array.from({ length: blockSize }, (_, i) => ({ keyId: `${block}.${i.toString(36)}`, key: random(32) }));
    await write(keys);
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
