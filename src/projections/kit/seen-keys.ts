const BITS = 2 ** 24;
const PROBES = 4;

/** FNV-1a over UTF-16 units, from two starting points: enough for a filter whose mistakes only cost a look. */
const hash = (key: string, start: number): number => {
  let value = start;
  for (let i = 0; i < key.length; i++) value = Math.imul(value ^ key.charCodeAt(i), 0x01000193);
  return value >>> 0;
};

/** A Bloom filter of keys in 2 MiB, whatever their number: `mayHave` is never false for a key that was added. */
export const seenKeys = () => {
  const bits = new Uint8Array(BITS / 8);
  const probes = (key: string): number[] => {
    const first = hash(key, 0x811c9dc5);
    const step = hash(key, 0x9747b28c) | 1;
    return Array.from({ length: PROBES }, (_, i) => ((first + i * step) >>> 0) % BITS);
  };
  return {
    add: (key: string) => {
      for (const bit of probes(key)) bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
    },
    mayHave: (key: string): boolean => probes(key).every((bit) => ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0),
  };
};
