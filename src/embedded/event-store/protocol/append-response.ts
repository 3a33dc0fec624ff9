import type { Expected } from '../store/expected.ts';
import { empty, type Field, message } from './wire.ts';

/** Where an append left its stream: the revision is undefined when the stream doesn't exist. */
export type Appended = { readonly revision: number | undefined; readonly position: number };

const position = (at: number): Buffer => message([1, at], [2, at]);

const success = (done: Appended): Buffer =>
  message(done.revision === undefined ? [2, empty] : [1, done.revision], [3, position(done.position)]);

/** AppendResp after an append. */
export const appendSuccess = (done: Appended): Buffer => message([1, success(done)]);

/** AppendResp to a wrong expected version, with the fields of clients before 20.6 too. `current` is undefined for no stream. */
export const appendWrongVersion = (expected: Expected, current: number | undefined): Buffer => {
  const old: Field[] = [
    current === undefined ? [2, empty] : [1, current],
    expected === 'any' ? [4, empty] : expected === 'stream_exists' ? [5, empty] : [3, expected === 'no_stream' ? -1 : expected],
  ];
  const now: Field[] = [
    current === undefined ? [7, empty] : [6, current],
    expected === 'any' ? [9, empty] : expected === 'stream_exists' ? [10, empty] : expected === 'no_stream' ? [11, empty] : [8, expected],
  ];
  return message([2, message(...old, ...now)]);
};

/** DeleteResp and TombstoneResp. */
export const deleteSuccess = (at: number): Buffer => message([1, position(at)]);

const batch = (correlation: Buffer, stream: string | undefined, result: Field): Buffer =>
  message([1, correlation], result, ...(stream === undefined ? [] : [[4, message([3, stream])] as const]));

/** BatchAppendResp after an append. */
export const batchSuccess = (correlation: Buffer, stream: string, done: Appended): Buffer => batch(correlation, stream, [3, success(done)]);

/** Why a batch append was refused: a google.rpc.Status with its detail in an Any. */
export type BatchError = { readonly code: number; readonly text: string; readonly type: string; readonly detail: Buffer };

/** BatchAppendResp to a refused append. */
export const batchFailure = (correlation: Buffer, stream: string | undefined, error: BatchError): Buffer =>
  batch(correlation, stream, [
    2,
    message([1, error.code], [2, error.text], [3, message([1, `type.googleapis.com/${error.type}`], [2, error.detail])]),
  ]);

/** The refusals a batch append knows, as recorded from a real server. */
export const batchErrors = {
  wrongVersion: (expected: Expected, current: number | undefined): BatchError => ({
    code: 6,
    text: 'WrongExpectedVersion',
    type: 'event_store.client.WrongExpectedVersion',
    detail: message(
      current === undefined ? [2, empty] : [1, current],
      expected === 'any' ? [4, empty] : expected === 'stream_exists' ? [5, empty] : expected === 'no_stream' ? [6, empty] : [3, expected],
    ),
  }),
  streamDeleted: (stream: string): BatchError => ({
    code: 5,
    text: 'StreamDeleted',
    type: 'event_store.client.StreamDeleted',
    detail: message([1, message([3, stream])]),
  }),
  timeout: { code: 4, text: 'Timeout', type: 'event_store.client.Timeout', detail: empty } satisfies BatchError,
  tooLarge: (limit: number): BatchError => ({
    code: 3,
    text: 'MaximumAppendSizeExceeded',
    type: 'event_store.client.MaximumAppendSizeExceeded',
    detail: message([1, limit]),
  }),
  badRequest: (text: string): BatchError => ({
    code: 3,
    text: 'Bad Request',
    type: 'event_store.client.BadRequest',
    detail: message([1, text]),
  }),
  /** The client shows the text only with a detail that it doesn't know. */
  notWritten: (text: string): BatchError => ({ code: 8, text, type: 'google.protobuf.Empty', detail: empty }),
};
