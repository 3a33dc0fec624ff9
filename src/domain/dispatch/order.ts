/** What ageing a queue's settings give (7.3). */
export type Ageing = { readonly initial: number; readonly increment: number; readonly everySeconds: number; readonly limit: number };

/** Where somebody stands in line: the priority they came with, and when they came (epoch ms). */
export type Entry = { readonly id: string; readonly initial: number; readonly enteredAt: number };

/** Priority after waiting until `now`: initial plus increment every N seconds, up to the limit (7.3). A higher start than the limit stays. */
export const effectivePriority = (
  { initial, enteredAt }: Omit<Entry, 'id'>,
  { increment, everySeconds, limit }: Ageing,
  now: number,
): number => {
  const steps = Math.floor(Math.max(0, now - enteredAt) / (everySeconds * 1000));
  return Math.max(initial, Math.min(limit, initial + increment * steps));
};

/** A place in the order of 7.3, comparable across queues. */
export type Standing = { readonly priority: number; readonly enteredAt: number; readonly id: string };

/** Negative when `a` comes first: higher priority, then earlier entry; the id settles what is left. */
export const compareStanding = (a: Standing, b: Standing): number =>
  b.priority - a.priority || a.enteredAt - b.enteredAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
