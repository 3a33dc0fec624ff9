/** What an append, delete or tombstone expects of its stream. */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | number;

/** The number that EventStoreDB writes for an expectation: −1 no stream, −2 any, −4 the stream exists. */
export const expectedNumber = (expected: Expected): number =>
  expected === 'any' ? -2 : expected === 'no_stream' ? -1 : expected === 'stream_exists' ? -4 : expected;
