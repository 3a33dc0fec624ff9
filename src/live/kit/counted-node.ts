/**
 * A node of a counted B+ tree; `size`: items below it. A leaf has no children and holds items. In a branch, what is below child `i`
 * is at least `items[i]` and less than `items[i + 1]`; `items[0]` repeats the parent's bound (and means nothing on the way to the first leaf).
 */
export type Node<T> = { items: T[]; children: Node<T>[] | undefined; size: number };

export const widest = 64;
export const narrowest = 16;

export const leafOf = <T>(items: T[]): Node<T> => ({ items, children: undefined, size: items.length });
export const branchOf = <T>(items: T[], children: Node<T>[]): Node<T> => ({
  items,
  children,
  size: children.reduce((sum, { size }) => sum + size, 0),
});

/** The item at an index that is known to be there. */
export const itemAt = <T>(items: readonly T[], index: number): T => items[index] as T; // the callers stay in bounds

/** How many of `items` from `low` on satisfy `isBefore`, and `low`. */
export const countWhere = <T>(items: readonly T[], low: number, isBefore: (item: T) => boolean): number => {
  let from = low;
  let to = items.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isBefore(itemAt(items, middle))) from = middle + 1;
    else to = middle;
  }
  return from;
};

/** Cuts a node in two and gives the second half. */
export const cut = <T>(node: Node<T>): Node<T> => {
  const half = node.items.length >> 1;
  const items = node.items.splice(half);
  const right = node.children === undefined ? leafOf(items) : branchOf(items, node.children.splice(half));
  node.size -= right.size;
  return right;
};

/** Joins a child that has become narrow with the one beside it, if they fit into one. */
export const joinNarrow = <T>(branch: Node<T>, children: Node<T>[], index: number) => {
  const at = index === 0 ? 0 : index - 1;
  const [left, right] = [children[at], children[at + 1]];
  if (left === undefined || right === undefined || left.items.length + right.items.length > widest) return;
  left.items.push(...right.items);
  left.children?.push(...(right.children ?? []));
  left.size += right.size;
  branch.items.splice(at + 1, 1);
  children.splice(at + 1, 1);
};
