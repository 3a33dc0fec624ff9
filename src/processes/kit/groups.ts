/** Entries of a process that come due together, but for their anchors. `earliest`: of those that nobody holds (epoch ms). */
export type Group = { readonly process: string; readonly group: string; readonly earliest: number };

/** Milliseconds from an anchor to the instant it is due at, by today's settings; infinite for never. */
export type OffsetOf = (group: string) => number;

const idOf = (process: string, group: string): string => `${process}\n${group}`;

/** The earliest anchor of each group, in memory: what is due, and when there is something to do next, costs no query. */
export const groupIndex = (offsetOf: OffsetOf) => {
  const groups = new Map<string, Group>();
  const dueAt = ({ group, earliest }: Group): number => {
    const instant = earliest + offsetOf(group);
    return Number.isNaN(instant) ? Number.POSITIVE_INFINITY : instant;
  };
  const set = (process: string, group: string, earliest: number | undefined) => {
    if (earliest === undefined) groups.delete(idOf(process, group));
    else groups.set(idOf(process, group), { process, group, earliest });
  };
  return {
    set,
    /** An entry of the group has this anchor; answers when it is due. */
    note: (process: string, group: string, anchor: number): number => {
      const known = groups.get(idOf(process, group));
      if (known === undefined || anchor < known.earliest) set(process, group, anchor);
      return dueAt({ process, group, earliest: anchor });
    },
    forget: (process: string) => {
      for (const [id, group] of groups) if (group.process === process) groups.delete(id);
    },
    /** Groups with something due, longest due first. */
    due: (now: number): Group[] => {
      const due: { readonly group: Group; readonly at: number }[] = [];
      for (const group of groups.values()) {
        const at = dueAt(group);
        if (at <= now) due.push({ group, at });
      }
      return due.sort((a, b) => a.at - b.at).map(({ group }) => group);
    },
    /** The next instant at which something will be due; infinite for never. */
    nextAt: (): number => {
      let next = Number.POSITIVE_INFINITY;
      for (const group of groups.values()) next = Math.min(next, dueAt(group));
      return next;
    },
  };
};
