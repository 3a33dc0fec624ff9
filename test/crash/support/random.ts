/** A seeded source of numbers from 0 to 1 (mulberry32), and choices made with it. */
export const seeded = (seed: number) => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const between = (least: number, most: number): number => least + (most - least) * next();
  const one = <T>(choices: readonly T[]): T | undefined => choices[Math.floor(next() * choices.length)];
  return { next, between, one };
};
export type Random = ReturnType<typeof seeded>;
