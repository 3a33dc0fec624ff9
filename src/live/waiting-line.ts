import { type Ageing, compareStanding, effectivePriority, type Standing } from '../domain/dispatch/order.ts';
import { heapOf } from '../domain/kit/heap.ts';
import { type RankedList, rankedList } from './kit/ranked-list.ts';

/** Somebody in line: `priority` is what booking gave, null for the queue's own initial one; `enteredAt` is epoch ms. */
export type Waiting = { readonly id: string; readonly priority: number | null; readonly enteredAt: number };

/** Somebody in line, and where that is at an instant. */
export type Placed<W extends Waiting> = { readonly waiting: W; readonly standing: Standing };

/** One queue's line, in the order of 7.3. Callbacks of equal initial priority age alike, so each such class stays in order of entry. */
export type WaitingLine<W extends Waiting = Waiting> = {
  readonly size: () => number;
  readonly add: (waiting: W) => void;
  readonly remove: (waiting: W) => void;
  /** How many stand before `waiting`, whether he is in line himself or not. */
  readonly ahead: (waiting: Waiting, ageing: Ageing, now: number) => number;
  /**
   * The line in order, as it stands at `now`, from its head or from whoever comes after `after`, who need not be in it any more.
   * Nobody may be added or removed while it is read.
   */
  readonly inOrder: (ageing: Ageing, now: number, after?: Waiting) => Generator<Placed<W>>;
};

const byEntry = (a: Waiting, b: Waiting): number => a.enteredAt - b.enteredAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Where somebody stands at `now` (7.3). */
export const standingOf = ({ id, priority, enteredAt }: Waiting, ageing: Ageing, now: number): Standing => ({
  priority: effectivePriority({ initial: priority ?? ageing.initial, enteredAt }, ageing, now),
  enteredAt,
  id,
});

/** How many of `list` come before `standing`: within a class, order of entry is order of standing. */
const prefixAhead = <W extends Waiting>(list: RankedList<W>, standing: Standing, ageing: Ageing, now: number): number =>
  list.rankWhere((other) => compareStanding(standingOf(other, ageing, now), standing) < 0);

type Head<W extends Waiting> = Placed<W> & { readonly rest: Iterator<W> };

export const waitingLine = <W extends Waiting = Waiting>(): WaitingLine<W> => {
  const classes = new Map<number | null, RankedList<W>>();
  return {
    size: () => [...classes.values()].reduce((sum, list) => sum + list.size(), 0),
    add: (waiting) => {
      const list = classes.get(waiting.priority) ?? rankedList<W>(byEntry);
      classes.set(waiting.priority, list);
      list.insert(waiting);
    },
    remove: (waiting) => {
      const list = classes.get(waiting.priority);
      list?.remove(waiting);
      if (list?.size() === 0) classes.delete(waiting.priority);
    },
    ahead: (waiting, ageing, now) => {
      const standing = standingOf(waiting, ageing, now);
      return [...classes.values()].reduce((sum, list) => sum + prefixAhead(list, standing, ageing, now), 0);
    },
    *inOrder(ageing, now, after) {
      const last = after && standingOf(after, ageing, now);
      const heads = heapOf<Head<W>>((a, b) => compareStanding(a.standing, b.standing));
      const push = (rest: Iterator<W>): void => {
        const next = rest.next();
        if (!next.done) heads.push({ rest, waiting: next.value, standing: standingOf(next.value, ageing, now) });
      };
      for (const list of classes.values()) push(list.from(last === undefined ? 0 : prefixAhead(list, last, ageing, now)));
      for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
        if (head.waiting.id !== after?.id) yield { waiting: head.waiting, standing: head.standing };
        push(head.rest);
      }
    },
  };
};
