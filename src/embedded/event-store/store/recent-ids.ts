/** Where an event was written. */
export type Written = { readonly stream: string; readonly revision: number; readonly position: number };

/** The ids of the newest events, so that an append sent again with any expectation is known. Two generations: when the young one is full, the old one goes. */
export type RecentIds = { young: Map<string, Written>; old: Map<string, Written> };

const generation = 65_536;

export const emptyRecentIds = (): RecentIds => ({ young: new Map(), old: new Map() });

/** Adds the newest event. */
export const remember = (recent: RecentIds, id: string, { stream, revision, position }: Written): void => {
  if (recent.young.size >= generation) {
    recent.old = recent.young;
    recent.young = new Map();
  }
  recent.young.set(id, { stream, revision, position });
};

/** Where the event with that id was written, if it is among the newest. */
export const recall = (recent: RecentIds, id: string): Written | undefined => recent.young.get(id) ?? recent.old.get(id);
