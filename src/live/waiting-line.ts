import { type Ageing, compareStanding, effectivePriority, type Standing } from '../domain/dispatch/order.ts';
import { heapOf } from '../domain/kit/heap.ts';
import { type RankedList, rankedList } from './kit/ranked-list.ts';

/**
 * Somebody in line: `priority` is what booking gave, null for the queue's own initial one; `enteredAt` is epoch ms; `zones` are his time
 * zones, with a blank between them, null where they aren't known.
 */
export type Waiting = { readonly id: string; readonly priority: number | null; readonly enteredAt: number; readonly zones?: string | null };

/** Somebody in line, and where that is at an instant. */
export type Placed<W extends Waiting> = { readonly waiting: W; readonly standing: Standing };

/** Of whom the line is read: whoever comes after `after`, who need not be in it any more, and isn't in zones that are left out. */
export type Part = { readonly after?: Waiting | undefined; readonly without?: ReadonlySet<string> };

/** One queue's line, in the order of 7.3. Callbacks of equal initial priority age alike, so each such class stays in order of entry. */
export type WaitingLine<W extends Waiting = Waiting> = {
  readonly size: () => number;
  readonly add: (waiting: W) => void;
  readonly remove: (waiting: W) => void;
  /** How many there are in each zones. */
  readonly zones: () => ReadonlyMap<string | null, number>;
  /** How many stand before `waiting`, whether he is in line himself or not. */
  readonly ahead: (waiting: Waiting, ageing: Ageing, now: number) => number;
  /**
   * The line in order, as it stands at `now`; those left out cost by how many zones there are, not by how many they are.
   * Nobody may be added or removed while it is read.
   */
  readonly inOrder: (ageing: Ageing, now: number, part?: Part) => Generator<Placed<W>>;
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

/** A class: everybody, who is read where nobody is left out, and the same by zones. */
type Class<W extends Waiting> = { readonly all: RankedList<W>; readonly byZones: Map<string | null, RankedList<W>> };
type Head<W extends Waiting> = Placed<W> & { readonly rest: Iterator<W> };

const listsOf = <W extends Waiting>({ all, byZones }: Class<W>, without: ReadonlySet<string> | undefined): readonly RankedList<W>[] =>
  without === undefined || without.size === 0
    ? [all]
    : [...byZones].flatMap(([zones, list]) => (zones !== null && without.has(zones) ? [] : [list]));

export const waitingLine = <W extends Waiting = Waiting>(): WaitingLine<W> => {
  const classes = new Map<number | null, Class<W>>();
  const counts = new Map<string | null, number>();
  let size = 0;
  const classOf = (priority: number | null): Class<W> => {
    const known = classes.get(priority);
    if (known !== undefined) return known;
    const made = { all: rankedList<W>(byEntry), byZones: new Map<string | null, RankedList<W>>() };
    classes.set(priority, made);
    return made;
  };
  const listOf = ({ byZones }: Class<W>, zones: string | null): RankedList<W> => {
    const known = byZones.get(zones);
    if (known !== undefined) return known;
    const made = rankedList<W>(byEntry);
    byZones.set(zones, made);
    return made;
  };
  const change = (waiting: W, what: 'insert' | 'remove'): void => {
    const { priority, zones = null } = waiting;
    const of = classOf(priority);
    const list = listOf(of, zones);
    const before = list.size();
    of.all[what](waiting);
    list[what](waiting);
    const by = list.size() - before;
    if (list.size() === 0) of.byZones.delete(zones);
    if (of.all.size() === 0) classes.delete(priority);
    if (by === 0) return;
    size += by;
    const count = (counts.get(zones) ?? 0) + by;
    if (count === 0) counts.delete(zones);
    else counts.set(zones, count);
  };
  return {
    size: () => size,
    add: (waiting) => change(waiting, 'insert'),
    remove: (waiting) => change(waiting, 'remove'),
    zones: () => counts,
    ahead: (waiting, ageing, now) => {
      const standing = standingOf(waiting, ageing, now);
      return [...classes.values()].reduce((sum, { all }) => sum + prefixAhead(all, standing, ageing, now), 0);
    },
    *inOrder(ageing, now, { after, without } = {}) {
      const last = after && standingOf(after, ageing, now);
      const heads = heapOf<Head<W>>((a, b) => compareStanding(a.standing, b.standing));
      const push = (rest: Iterator<W>): void => {
        const next = rest.next();
        if (!next.done) heads.push({ rest, waiting: next.value, standing: standingOf(next.value, ageing, now) });
      };
      for (const one of classes.values())
        for (const list of listsOf(one, without)) push(list.from(last === undefined ? 0 : prefixAhead(list, last, ageing, now)));
      for (let head = heads.pop(); head !== undefined; head = heads.pop()) {
        if (head.waiting.id !== after?.id) yield { waiting: head.waiting, standing: head.standing };
        push(head.rest);
      }
    },
  };
};
