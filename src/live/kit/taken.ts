/**
 * What became of a report. `STALE`: its sequence isn't above its source's last. `TOO_MANY_SOURCES`: it comes of a source more than are known
 * at a time. `TOO_MUCH`: with what its source said before it is more than one may say. All but `TAKEN` change nothing.
 */
export type Taken = 'TAKEN' | 'STALE' | 'TOO_MANY_SOURCES' | 'TOO_MUCH';
