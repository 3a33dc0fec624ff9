import type { Projection } from './projection.ts';

/** What readers query for a projection: a view of its served table, which stays when a rebuilt table takes over. */
export const tableOf = (projection: Pick<Projection, 'name'>): string => projection.name;

/** The table of one build of a read model: `<name>_v<version>`, and `<name>_v<version>_r<n>` for the n-th rebuild of the same version. */
export const buildTable = (name: string, version: number, taken: readonly string[]): string => {
  const first = `${name}_v${version}`;
  if (!taken.includes(first)) return first;
  let n = 1;
  while (taken.includes(`${first}_r${n}`)) n++;
  return `${first}_r${n}`;
};
