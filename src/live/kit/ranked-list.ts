import { branchOf, countWhere, cut, itemAt, joinNarrow, leafOf, type Node, narrowest, widest } from './counted-node.ts';

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

/** An empty list in the order of `compare`, which must be total. Every operation takes time logarithmic in the size. */
export const rankedList = <T>(compare: (a: T, b: T) => number): RankedList<T> => {
  let root: Node<T> = leafOf([]);

  const positionIn = ({ items }: Node<T>, item: T) => countWhere(items, 0, (other) => compare(other, item) < 0);
  const isAt = ({ items }: Node<T>, position: number, item: T) => position < items.length && compare(itemAt(items, position), item) === 0;
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
        node.items.splice(index + 1, 0, itemAt(right.items, 0));
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

  /** One generator, however deep the tree is: an item costs the same in a list of any size. */
  function* walk(rank: number): Generator<T, void, undefined> {
    if (rank >= root.size) return;
    const path: { readonly children: readonly Node<T>[]; next: number }[] = [];
    let skip = rank;
    for (let node: Node<T> | undefined = root; node !== undefined; ) {
      for (let children: Node<T>[] | undefined = node.children; children !== undefined; children = node.children) {
        let index = 0;
        for (let child = children[0]; child !== undefined && skip >= child.size; child = children[++index]) skip -= child.size;
        path.push({ children, next: index + 1 });
        node = children[index] ?? leafOf([]);
      }
      for (let i = skip; i < node.items.length; i++) yield itemAt(node.items, i);
      skip = 0;
      let branch = path.at(-1);
      while (branch !== undefined && branch.next === branch.children.length) {
        path.pop();
        branch = path.at(-1);
      }
      node = branch?.children[branch.next++];
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
      root = branchOf([itemAt(root.items, 0), itemAt(right.items, 0)], [root, right]);
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
    from: (rank) => walk(Math.max(0, rank)),
  };
};
