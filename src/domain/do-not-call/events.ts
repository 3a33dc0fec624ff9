import { z } from 'zod';
import type { Catalogue, EventOf } from '../kit/events.ts';
import { instant } from '../kit/events.ts';

/** `entry`: the keyed hash of a number, by which it is found; the number itself is sealed under a key of this entry alone. */
const entry = z.object({ entry: z.string(), keyId: z.string(), at: instant });

/** Numbers that nobody may call (7.5), in streams of about equal size: `doNotCall-<first letters of the hash>`. */
export const doNotCallEvents = {
  DoNotCallEntryAdded: { v: 1, data: entry.extend({ phoneNumber: z.string().nullable() }), personal: ['phoneNumber'] },
  DoNotCallEntryRemoved: { v: 1, data: entry, personal: [] },
} as const satisfies Catalogue;

export type DoNotCallEvent = EventOf<typeof doNotCallEvents>;

const STREAM = 'doNotCall-';
/** 4,096 streams: a million entries are some hundreds in each. */
const LETTERS = 2;

/** The part of the list that an entry is in. */
export const partOf = (entry: string): string => entry.slice(0, LETTERS);
export const doNotCallStream = (part: string): string => STREAM + part;
