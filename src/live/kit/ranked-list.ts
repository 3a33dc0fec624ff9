/** A sorted list that knows ranks. Items are told apart by `compare` alone: equal items are the same item. */
export type RankedList<T> = {
  readonly size: () => number;
  /** Does nothing when the item is there already. */
  readonly insert: (item: T) => void;
  /** Does nothing when the item isn't there. */
  readonly remove: (item: T) => void;
  /** How many items come before it, whether it is there or not. */
  readonly rank: (item: T) => number;
  /** How many items at the head satisfy `isBefore`, which must hold for a head of the order and for nothing after it. */
  readonly rankWhere: (isBefore: (item: T) => boolean) => number;
  /** The item at a rank, 0 for the first. */
  readonly at: (rank: number) => T | undefined;
  readonly first: () => T | undefined;
  /** The items in order, from a rank on. The list must not change meanwhile. */
  readonly from: (rank: number) => Generator<T, void, undefined>;
};

/**
 * A node of a counted B+ tree; `size`: items below it. A leaf has no children and holds items. In a branch, `items[i]` bounds
 * children `i` and `i - 1`: those before are less, those below `i` aren't; `items[0]` bounds nothing.
 */
type Node<T> = { items: T[]; children: Node<T>[] | undefined; size: number };

const widest = 64;
const narrowest = 16;

const leafOf = <T>(items: T[]): Node<T> => ({ items, children: undefined, size: items.length });
const branchOf = <T>(items: T[], children: Node<T>[]): Node<T> => ({
  items,
  children,
  size: children.reduce((sum, { size }) => sum + size, 0),
});

/** How many of `items` from `low` on satisfy `isBefore`, and `low`. */
const countWhere = <T>(items: readonly T[], low: number, isBefore: (item: T) => boolean): number => {
  let from = low;
  let to = items.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(items[middle] as T))
      from = middle + 1; // in bounds; T may itself include undefined
    else to = middle;
  }
  return from;
};

/** Cuts a node in two and gives the second half. */
const cut = <T>(node: Node<T>): Node<T> => {
  const half = node.items.length >> 1;
  const items = node.items.splice(half);
  const right = node.children === undefined ? leafOf(items) : branchOf(items, node.children.splice(half));
  node.size -= right.size;
  return right;
};

/** Joins a child that has become narrow with the one beside it, if they fit into one. */
const joinNarrow = <T>(branch: Node<T>, children: Node<T>[], index: number) => {
  const at = index === 0 ? 0 : index - 1;
  const [left, right] = [children[at], children[at + 1]];
  if (left === undefined || right === undefined || left.items.length + right.items.length > widest) return;
  if (right.children !== undefined) right.items[0] = branch.items[at + 1] as T; // its own first may be out of date: nothing used it
  left.items.push(...right.items);
  left.children?.push(...(right.children ?? []));
  left.size += right.size;
  branch.items.splice(at + 1, 1);
  children.splice(at + 1, 1);
};

/** An empty list in the order of `compare`, which must be total. Every operation takes time logarithmic in the size. */
export const rankedList = <T>(compare: (a: T, b: T) => number): RankedList<T> => {
  let root: Node<T> = leafOf([]);

  const positionIn = ({ items }: Node<T>, item: T) => countWhere(items, 0, (other) => compare(other, item) < 0);
  const isAt = ({ items }: Node<T>, position: number, item: T) => position < items.length && compare(items[position] as T, item) === 0;
  const childFor = ({ items }: Node<T>, item: T) => countWhere(items, 1, (bound) => compare(bound, item) <= 0) - 1;

  const insertInto = (node: Node<T>, item: T): boolean => {
    if (node.children === undefined) {
      const position = positionIn(node, item);
      if (isAt(node, position, item)) return false;
      node.items.splice(position, 0, item);
    } else {
      const index = childFor(node, item);
      const child = node.children[index];
      if (child === undefined || !insertInto(child, item)) return false;
      if (child.items.length > widest) {
        const right = cut(child);
        node.items.splice(index + 1, 0, right.items[0] as T);
        node.children.splice(index + 1, 0, right);
      }
    }
    node.size += 1;
    return true;
  };

  const removeFrom = (node: Node<T>, item: T): boolean => {
    if (node.children === undefined) {
      const position = positionIn(node, item);
      if (!isAt(node, position, item)) return false;
      node.items.splice(position, 1);
    } else {
      const index = childFor(node, item);
      const child = node.children[index];
      if (child === undefined || !removeFrom(child, item)) return false;
      if (child.items.length < narrowest) joinNarrow(node, node.children, index);
    }
    node.size -= 1;
    return true;
  };

  /** Walks down to a leaf, adding up what is left of the way: the child to take, then the place in the leaf. */
  const rankBy = (childOf: (branch: Node<T>) => number, placeOf: (leaf: Node<T>) => number): number => {
    let node = root;
    let before = 0;
    while (node.children !== undefined) {
      const index = childOf(node);
      for (let i = 0; i < index; i++) before += node.children[i]?.size ?? 0;
      const child = node.children[index];
      if (child === undefined) return before;
      node = child;
    }
    return before + placeOf(node);
  };

  function* walk(node: Node<T>, rank: number): Generator<T, void, undefined> {
    if (node.children === undefined) {
      for (let i = rank; i < node.items.length; i++) yield node.items[i] as T;
      return;
    }
    let skip = rank;
    for (const child of node.children) {
      if (skip < child.size) yield* walk(child, skip);
      skip = Math.max(0, skip - child.size);
    }
  }

  const at = (rank: number): T | undefined => {
    if (!Number.isInteger(rank) || rank < 0 || rank >= root.size) return undefined;
    let node = root;
    let left = rank;
    while (node.children !== undefined) {
      let index = 0;
      for (let child = node.children[0]; child !== undefined && left >= child.size; child = node.children[index]) {
        left -= child.size;
        index += 1;
      }
      node = node.children[index] ?? leafOf([]);
    }
    return node.items[left];
  };

  return {
    size: () => root.size,
    insert: (item) => {
      insertInto(root, item);
      if (root.items.length <= widest) return;
      const right = cut(root);
      root = branchOf([root.items[0] as T, right.items[0] as T], [root, right]);
    },
    remove: (item) => {
      removeFrom(root, item);
      while (root.children?.length === 1) root = root.children[0] ?? leafOf([]);
    },
    rank: (item) =>
      rankBy(
        (branch) => childFor(branch, item),
        (leaf) => positionIn(leaf, item),
      ),
    rankWhere: (isBefore) =>
      rankBy(
        ({ items }) => countWhere(items, 1, isBefore) - 1,
        ({ items }) => countWhere(items, 0, isBefore),
      ),
    at,
    first: () => at(0),
    from: (rank) => walk(root, Math.max(0, rank)),
  };
};
