import { mayRead, type Reads } from '../access/reads.ts';
import { type Configuration, DEFAULT_ROW } from './state.ts';

type Revised = { readonly revision: bigint };

/** A change raises the highest revision, a deletion lowers the count: what has both unchanged is unchanged. The sum tells which rows were seen. */
const etagOfRows = (rows: readonly Revised[]): string => {
  let last = 0n;
  let sum = 0n;
  for (const { revision } of rows) {
    sum += revision;
    if (revision > last) last = revision;
  }
  return `"${last}.${rows.length}.${sum}"`;
};

const rowsOf = ({ queues }: Configuration, reads: Reads): readonly Revised[] =>
  [...queues].filter(([queue]) => queue === DEFAULT_ROW || mayRead(reads, queue)).map(([, row]) => row);

/** The etag of the whole table of queues, as somebody sees it (8.2). */
export const tableEtag = (configuration: Configuration, reads: Reads): string => etagOfRows(rowsOf(configuration, reads));

/** The etag of everything that a configuration's document holds, as somebody sees it. */
export const documentEtag = (configuration: Configuration, reads: Reads): string => {
  const { businessHours, rules } = configuration;
  const assigned = [...rules.assigned].filter(([queue]) => mayRead(reads, queue)).map(([, row]) => row);
  const named = [rules.named.numbers, rules.named.capacity, rules.named.regions].flatMap((rows): Revised[] => [...rows.values()]);
  return etagOfRows([...rowsOf(configuration, reads), ...businessHours.values(), ...named, ...assigned]);
};
