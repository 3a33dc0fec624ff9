import { DAY_MS, type Zone } from './zone.ts';

/** More than any zone's clocks are ahead of or behind UTC. */
const FAR_MS = 26 * 3_600_000;

/**
 * The first instant (epoch ms) at which a zone's clocks show a local time, written as the epoch ms that UTC would show it at: of one that
 * comes twice the first, of one that is left out the change of the clocks that leaves it out.
 */
export const whenClocksShow = (zone: Zone, local: number): number => {
  const within = zone.stretches(local - FAR_MS, local + FAR_MS).find(({ to, offset }) => local - offset < to);
  return within === undefined ? local : Math.max(within.from, local - within.offset);
};

/** The first instant of a local date (days since 1970-01-01): midnight, but where clocks are moved over it. */
export const dayBegins = (zone: Zone, day: number): number => whenClocksShow(zone, day * DAY_MS);
