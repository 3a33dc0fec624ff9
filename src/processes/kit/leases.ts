import type { ClaimKey, Lease } from './claims.ts';

const idOf = ({ process, instance, entry }: Omit<ClaimKey, 'cause'>): string => `${process}\n${instance}\n${entry}`;

/** The claims that may have to be made again, in memory, until a fact clears their entries. */
export const leaseIndex = () => {
  const leases = new Map<string, Lease>();
  let earliest = Number.POSITIVE_INFINITY; // at most the true one: an entry cleared meanwhile costs a look, no more
  return {
    set: (lease: Lease) => {
      leases.set(idOf(lease), lease);
      earliest = Math.min(earliest, lease.leaseUntil);
    },
    clear: (entry: Omit<ClaimKey, 'cause'>) => void leases.delete(idOf(entry)),
    forget: (process: string) => {
      for (const [id, lease] of leases) if (lease.process === process) leases.delete(id);
    },
    nextAt: (): number => (leases.size === 0 ? Number.POSITIVE_INFINITY : earliest),
    /** Takes out those that have run out. */
    takeExpired: (now: number): Lease[] => {
      if (now < earliest) return [];
      const expired = [...leases.values()].filter(({ leaseUntil }) => leaseUntil <= now);
      for (const lease of expired) leases.delete(idOf(lease));
      earliest = Number.POSITIVE_INFINITY;
      for (const { leaseUntil } of leases.values()) earliest = Math.min(earliest, leaseUntil);
      return expired;
    },
  };
};
