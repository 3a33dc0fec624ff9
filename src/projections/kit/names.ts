import type { Projection } from './projection.ts';

/** What readers query for a projection: a view of its served table, which stays when a rebuilt table takes over. */
export const tableOf = (projection: Pick<Projection, 'name'>): string => projection.name;

/** The table of a version's first build; rebuilds add to it. */
export const firstTable = (name: string, version: number): string => `${name}_v${version}`;

/** A name that isn't taken: `wanted`, or `<wanted>_r<n>`. */
export const freeTable = (wanted: string, taken: readonly string[]): string => {
  if (!taken.includes(wanted)) return wanted;
  let n = 1;
  while (taken.includes(`${wanted}_r${n}`)) n++;
  return `${wanted}_r${n}`;
};

/** Whether the table is of a build that is meant to be served, unlike those of verifications, snapshots and earlier positions. */
export const isRebuildTable = (table: string, name: string, version: number): boolean => {
  const first = firstTable(name, version);
  return table.startsWith(first) && /^(_r\d+)?$/.test(table.slice(first.length));
};

export const verifyTable = (name: string, version: number): string => `${name}_v${version}_verify`;
export const snapshotTable = (name: string, version: number, position: bigint): string => `${name}_v${version}_s${position}`;
export const asOfTable = (name: string, version: number, position: bigint): string => `${name}_v${version}_at${position}`;
export const isAsOfTable = (table: string, name: string): boolean =>
  table.startsWith(`${name}_v`) && /^\d+_at\d+(_r\d+)?$/.test(table.slice(name.length + 2));
export const isSnapshotTable = (table: string, name: string, version: number): boolean =>
  table.startsWith(`${name}_v${version}_s`) && /_s\d+$/.test(table);
