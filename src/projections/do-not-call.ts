import { defineProjection } from './kit/projection.ts';

/** An entry of the do-not-call list as it is shown; the number is null once its key is lost. */
export type DoNotCallRow = {
  readonly key: string;
  readonly phone_number: string | null;
  readonly added_at: string;
  readonly added_by: string;
};

export const doNotCallList = defineProjection<DoNotCallRow>({
  name: 'do_not_call',
  version: 1,
  personal: true,
  personalColumns: ['phone_number'],
  columns: { key: 'text', phone_number: 'text', added_at: 'timestamptz', added_by: 'text' },
  indexes: ['(added_at, key)'],
  keysOf: ({ type, data }) => (type === 'DoNotCallEntryAdded' || type === 'DoNotCallEntryRemoved' ? [data.entry] : []),
  fold: (row, { type, data, metadata: { actor } }, key) => {
    switch (type) {
      case 'DoNotCallEntryAdded':
        return { key, phone_number: data.phoneNumber, added_at: data.at, added_by: actor.name };
      case 'DoNotCallEntryRemoved':
        return undefined;
      default:
        return row;
    }
  },
});
