import { IANAZone } from 'luxon';

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
const BLOCK_DAYS = 64;
const BLOCK_MS = BLOCK_DAYS * DAY_MS;
/** Of one zone, about 45 years. */
const MOST_BLOCKS = 256;
const MOST_ZONES = 1_000;

/** A stretch of time, epoch ms, from `from` to before `to`, in which a zone's clocks are `offset` ms ahead of UTC throughout. */
export type Stretch = { readonly from: number; readonly to: number; readonly offset: number };

/** The clocks of an IANA zone. Stretches may end without a change of the clocks. */
export type Zone = {
  readonly name: string;
  readonly stretchAt: (instant: number) => Stretch;
  /** Those that reach into [from, to), in order. */
  readonly stretches: (from: number, to: number) => readonly Stretch[];
};

/** Whether there is an IANA zone of that name. */
export const isZone = (name: string): boolean => /^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(name) && IANAZone.isValidZone(name);

const EVER: Stretch = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, offset: 0 };
const UTC: Zone = { name: 'UTC', stretchAt: () => EVER, stretches: () => [EVER] };

/** The first instant in (before, after] from which on the offset is no longer the one at `before`. */
const changeBetween = (offsetAt: (instant: number) => number, before: number, after: number): number => {
  const offset = offsetAt(before);
  let [low, high] = [before, after];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
};

const openZone = (name: string): Zone => {
  const iana = IANAZone.create(name);
  const offsetAt = (instant: number): number => Math.round(iana.offset(instant) * MINUTE_MS);
  const blocks = new Map<number, readonly Stretch[]>();

  /** Clocks are looked at once a day: no zone moves them there and back within one. */
  const stretchesOf = (block: number): readonly Stretch[] => {
    const end = (block + 1) * BLOCK_MS;
    const found: Stretch[] = [];
    let from = block * BLOCK_MS;
    let offset = offsetAt(from);
    for (let day = from; day < end; day += DAY_MS) {
      if (offsetAt(day + DAY_MS) === offset) continue;
      const change = changeBetween(offsetAt, Math.max(day, from), day + DAY_MS);
      if (change >= end) break;
      found.push({ from, to: change, offset });
      [from, offset] = [change, offsetAt(change)];
    }
    return [...found, { from, to: end, offset }];
  };
  const blockOf = (instant: number): readonly Stretch[] => {
    const block = Math.floor(instant / BLOCK_MS);
    const known = blocks.get(block);
    if (known !== undefined) return known;
    if (blocks.size >= MOST_BLOCKS) blocks.clear();
    const made = stretchesOf(block);
    blocks.set(block, made);
    return made;
  };
  const stretchAt = (instant: number): Stretch => {
    const found = blockOf(instant).find(({ to }) => instant < to);
    if (found === undefined) throw new RangeError('not an instant');
    return found;
  };
  return {
    name,
    stretchAt,
    stretches: (from, to) => {
      const found: Stretch[] = [];
      for (let at = from; at < to; ) {
        const stretch = stretchAt(at);
        found.push(stretch);
        at = stretch.to;
      }
      return found;
    },
  };
};

const zones = new Map<string, Zone>();

/** The clocks of an IANA zone, each looked up once; those of UTC for a name that isn't known here, as a log of elsewhere may hold. */
export const zoneOf = (name: string): Zone => {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (zones.size >= MOST_ZONES) zones.clear();
  const zone = name !== 'UTC' && isZone(name) ? openZone(name) : UTC;
  zones.set(name, zone);
  return zone;
};

/** What the zone's clocks show at an instant, in ms since they showed 1970-01-01 00:00. */
export const localOf = (zone: Zone, instant: number): number => instant + zone.stretchAt(instant).offset;

/** The local date of an instant, as days since 1970-01-01. */
export const localDayOf = (zone: Zone, instant: number): number => Math.floor(localOf(zone, instant) / DAY_MS);

/** More than any zone's clocks are ahead of or behind UTC. */
const FAR_MS = 26 * 3_600_000;

/** From `start` to before `end`, epoch ms. */
export type Period = { readonly start: number; readonly end: number };

/** When the zone's clocks show local times in [from, to), in order: not at all when they are moved past them, twice when they are moved back. */
export const whenLocal = (zone: Zone, from: number, to: number): readonly Period[] => {
  const periods: Period[] = [];
  for (const stretch of zone.stretches(from - FAR_MS, to + FAR_MS)) {
    const start = Math.max(stretch.from, from - stretch.offset);
    const end = Math.min(stretch.to, to - stretch.offset);
    const last = periods.at(-1);
    if (start >= end) continue;
    if (last?.end === start) periods[periods.length - 1] = { start: last.start, end };
    else periods.push({ start, end });
  }
  return periods;
};

/** Whether the zone has that local date at all: Apia went from 2011-12-29 to 2011-12-31. */
export const hasDay = (zone: Zone, day: number): boolean => {
  const { offset } = zone.stretchAt(day * DAY_MS);
  const noon = day * DAY_MS + DAY_MS / 2 - offset;
  return zone.stretchAt(noon).offset === offset || whenLocal(zone, day * DAY_MS, (day + 1) * DAY_MS).length > 0;
};
