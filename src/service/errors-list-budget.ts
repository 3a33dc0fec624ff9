const HOUR_MS = 3_600_000;

/** Failed queries that the list takes in an hour from one asker, and from all of them, on one node: what a flood can fill of it. */
export type ErrorsBudget = { readonly asker: number; readonly all: number };
export const errorsBudget: ErrorsBudget = { asker: 500, all: 5_000 };

/** Counts what is taken in each hour; answers what is used up, or undefined for what may be taken. `now` is epoch ms. */
export const hourlyBudget = ({ asker: most, all }: ErrorsBudget) => {
  let hour = Number.NaN;
  let taken = 0;
  const byAsker = new Map<string, number>();
  return (asker: string, now: number): 'asker' | 'all' | undefined => {
    const current = Math.floor(now / HOUR_MS);
    if (current !== hour) {
      hour = current;
      taken = 0;
      byAsker.clear();
    }
    const own = byAsker.get(asker) ?? 0;
    if (own >= most) return 'asker';
    if (taken >= all) return 'all';
    byAsker.set(asker, own + 1);
    taken += 1;
    return undefined;
  };
};
