/** A binary heap: the least item by `compare` first. */
export type Heap<T> = {
  readonly size: () => number;
  readonly first: () => T | undefined;
  readonly push: (item: T) => void;
  /** Takes the first item away and gives it. */
  readonly pop: () => T | undefined;
};

/** An empty heap. `push` and `pop` take time logarithmic in its size. */
export const heapOf = <T>(compare: (a: T, b: T) => number): Heap<T> => {
  const items: T[] = [];
  const at = (index: number): T => items[index] as T; // the callers stay in bounds

  const swap = (a: number, b: number): void => {
    const item = at(a);
    items[a] = at(b);
    items[b] = item;
  };
  const rise = (from: number): void => {
    for (let index = from; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (compare(at(index), at(parent)) >= 0) return;
      swap(index, parent);
      index = parent;
    }
  };
  const sink = (): void => {
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      if (left >= items.length) return;
      const least = left + 1 < items.length && compare(at(left + 1), at(left)) < 0 ? left + 1 : left;
      if (compare(at(index), at(least)) <= 0) return;
      swap(index, least);
      index = least;
    }
  };
  return {
    size: () => items.length,
    first: () => items[0],
    push: (item) => {
      items.push(item);
      rise(items.length - 1);
    },
    pop: () => {
      const [first] = items;
      const last = items.pop();
      if (items.length > 0 && last !== undefined) {
        items[0] = last;
        sink();
      }
      return first;
    },
  };
};
