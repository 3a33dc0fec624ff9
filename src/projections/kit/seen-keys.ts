const BITS = 2 ** 24;
const PROBES = 4;
const ONE_START = 0x811c9dc5;
const OTHER_START = 0x9747b28c;

/** FNV-1a over UTF-16 units, from two starting points: enough for a filter whose mistakes only cost a look. */
const hash = (key: string, start: number): number => {
  let value = start;
  for (let i = 0; i < key.length; i++) value = Math.imul(value ^ key.charCodeAt(i), 0x01000193);
  return value >>> 0;
};

/** A Bloom filter of keys in 2 MiB, whatever their number: `mayHave` is never false for a key that was added. */
export const seenKeys = () => {
  const bits = new Uint8Array(BITS / 8);
  let isEmpty = true;
  const probe = (first: number, step: number, i: number): number => ((first + i * step) >>> 0) % BITS;
  return {
    isEmpty: () => isEmpty,
    add: (key: string) => {
      isEmpty = false;
      const [first, step] = [hash(key, ONE_START), hash(key, OTHER_START) | 1];
      for (let i = 0; i < PROBES; i++) {
        const bit = probe(first, step, i);
        bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
      }
    },
    mayHave: (key: string): boolean => {
      const [first, step] = [hash(key, ONE_START), hash(key, OTHER_START) | 1];
      for (let i = 0; i < PROBES; i++) {
        const bit = probe(first, step, i);
        if (((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
      }
      return true;
    },
  };
};
