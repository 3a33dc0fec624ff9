import { compareStanding, type Standing } from '../../domain/dispatch/order.ts';

type Ordered = { readonly standing: Standing };

/** Two lines, each in order, as one; `beside` tells those of the second. */
export function* mergeOrders<T extends Ordered>(line: Iterator<T>, beside: Iterator<T>): Generator<T & { readonly beside: boolean }> {
  let [a, b] = [line.next(), beside.next()];
  for (;;) {
    if (!a.done && (b.done || compareStanding(a.value.standing, b.value.standing) <= 0)) {
      yield { ...a.value, beside: false };
      a = line.next();
    } else if (!b.done) {
      yield { ...b.value, beside: true };
      b = beside.next();
    } else return;
  }
}
