import { defineProjection } from './kit/projection.ts';

/** Ten seconds of the log: the position of the first event whose instant lies in them. */
export type LogInstantsRow = { readonly key: string; readonly first: string };

/** The ten seconds that an instant (UTC ISO text) lies in: as text, they are in order of time. */
export const tenSecondsOf = (instant: string): string => instant.slice(0, 18);

/** Leads from an instant to its place in the log. */
export const logInstants = defineProjection<LogInstantsRow>({
  name: 'log_instants',
  version: 1,
  personal: false,
  columns: { key: 'text', first: 'bigint' },
  indexes: ['(first)'],
  keysOf: ({ data }) => [tenSecondsOf(data.at)],
  fold: (row, { position }, key) => row ?? { key, first: position.toString() },
});
