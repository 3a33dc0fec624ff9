const counted = (instants: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const instant of instants) counts.set(instant, (counts.get(instant) ?? 0) + 1);
  return counts;
};

/** The instants (epoch ms) of `told` that `known` lacks: of one that stands there several times, as many as are more. */
export const instantsBeside = (known: readonly number[], told: readonly number[]): readonly number[] => {
  const left = counted(known);
  return told.filter((instant) => {
    const count = left.get(instant) ?? 0;
    left.set(instant, count - 1);
    return count <= 0;
  });
};

/** Both, those that are in both once, in order; of more than `most`, the last. */
export const joinInstants = (known: readonly number[], told: readonly number[], most: number): readonly number[] =>
  [...known, ...instantsBeside(known, told)].sort((a, b) => a - b).slice(-most);
