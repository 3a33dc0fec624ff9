import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { type Expected, expectedNumber } from '../store/expected.ts';

/** A refusal as gRPC carries it: code, details, and trailers that tell the client which of its typed errors to throw. */
export type Refusal = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

const refusal = (code: status, details: string, trailers: Readonly<Record<string, string>> = {}): Refusal => {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return { code, details, metadata };
};

/** Trailers are ASCII: what isn't is percent-encoded, as the client can't read raw UTF-8 there. */
const ascii = (name: string): string => (/^[\x20-\x7e]*$/.test(name) ? name : encodeURIComponent(name));

/** The refusals, worded as recorded from a real server. */
export const refusals = {
  handlerFailed: refusal(status.UNKNOWN, 'Exception was thrown by handler.'),
  readStreamFailed: refusal(status.UNKNOWN, 'Unexpected ReadStreamResult: Error'),
  readAllFailed: refusal(status.UNKNOWN, 'Unexpected ReadAllResult: Error'),
  invalid: (details: string): Refusal => refusal(status.INVALID_ARGUMENT, details),
  streamDeleted: (stream: string): Refusal =>
    refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
      exception: 'stream-deleted',
      'stream-name': ascii(stream),
    }),
  wrongVersion: (stream: string, expected: Expected, actual: number): Refusal =>
    refusal(
      status.FAILED_PRECONDITION,
      `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expectedNumber(expected)}, Actual version: ${actual}`,
      {
        exception: 'wrong-expected-version',
        'stream-name': ascii(stream),
        'expected-version': `${expectedNumber(expected)}`,
        'actual-version': `${actual}`,
      },
    ),
  missingProperty: (name: string): Refusal =>
    refusal(status.INVALID_ARGUMENT, `Required Metadata Property '${name}' is missing`, {
      exception: 'missing-required-metadata-property',
      'required-metadata-properties': 'type,content-type',
    }),
  tooLarge: (limit: number): Refusal =>
    refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': `${limit}`,
    }),
  notWritten: (details: string): Refusal => refusal(status.RESOURCE_EXHAUSTED, details),
};
