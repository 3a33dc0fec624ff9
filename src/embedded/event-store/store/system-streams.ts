/** The stream that holds a stream's metadata. */
export const metastreamOf = (stream: string): string => `$$${stream}`;

/** Whether a stream holds the metadata of another. */
export const isMetastream = (stream: string): boolean => stream.startsWith('$$');

/** The stream whose metadata a metastream holds. */
export const originalOf = (metastream: string): string => metastream.slice(2);

/** The type of a metastream's events. */
export const METADATA_TYPE = '$metadata';

/** The type of the event that a tombstone is. */
export const TOMBSTONE_TYPE = '$streamDeleted';

/** The type of an event that stands for another: its data is `revision@stream`. */
export const LINK_TYPE = '$>';
