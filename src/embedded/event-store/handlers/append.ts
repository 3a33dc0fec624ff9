import type { ServerReadableStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { type AppendPart, readAppendPart, readDelete, type Target } from '../protocol/append-request.ts';
import { type Appended, appendSuccess, appendWrongVersion, deleteSuccess } from '../protocol/append-response.ts';
import { lackOf, type Proposed, sizeOfProposed } from '../protocol/proposed-message.ts';
import { type AppendResult, append, type DeleteResult, deleteStream, tombstone } from '../store/append.ts';
import type { Expected } from '../store/expected.ts';
import type { Group } from '../store/group.ts';
import type { Writer } from '../store/writer.ts';
import { type Refusal, refusals } from './errors.ts';
import { notWritten } from './not-written.ts';

/** The largest append, in bytes of data, metadata and types. */
export const MAX_APPEND_SIZE = 1_048_576;

type Checked = { readonly stream: string; readonly expected: Expected };

const checkTarget = (target: Target | undefined): Checked | Refusal => {
  if (!target?.stream || target.expected === undefined) return refusals.handlerFailed;
  return { stream: target.stream, expected: target.expected };
};

const isRefusal = (value: Checked | Refusal): value is Refusal => 'code' in value;

const refuse = (events: readonly Proposed[]): Refusal | undefined => {
  for (const event of events) {
    const lack = lackOf(event);
    if (lack) return lack === 'id' ? refusals.handlerFailed : refusals.missingProperty(lack);
  }
  return undefined;
};

/** Streams.Append: the target first, then an event a message. */
export const handleAppend =
  (writer: Writer, now: () => number) =>
  (call: ServerReadableStream<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    let target: Target | undefined;
    const events: Proposed[] = [];
    let size = 0;
    let answered = false;
    const finish = (refusal: Refusal | null, answer?: Buffer): void => {
      if (answered) return;
      answered = true;
      callback(refusal, answer);
    };
    const answer = ({ stream, expected }: Checked, result: AppendResult): void => {
      if (result.kind === 'deleted') {
        finish(refusals.streamDeleted(stream));
        return;
      }
      finish(null, result.kind === 'appended' ? appendSuccess(result satisfies Appended) : appendWrongVersion(expected, result.current));
    };
    const receive = (part: AppendPart): void => {
      if (part && 'target' in part) target = part.target;
      else if (part) {
        events.push(part.proposed);
        size += sizeOfProposed(part.proposed);
        if (size > MAX_APPEND_SIZE) finish(refusals.tooLarge(MAX_APPEND_SIZE));
      }
    };
    call.on('data', (buffer: Buffer) => {
      if (answered) return;
      try {
        receive(readAppendPart(buffer, now()));
      } catch {
        finish(refusals.handlerFailed); // no message of this protocol
      }
    });
    call.on('end', () => {
      if (answered) return;
      const checked = checkTarget(target);
      if (isRefusal(checked)) {
        finish(checked);
        return;
      }
      const refusal = refuse(events);
      if (refusal) {
        finish(refusal);
        return;
      }
      if (call.cancelled) return;
      writer.enqueue({
        decide: (group) => append(group, checked.stream, checked.expected, events),
        answer: (result) => answer(checked, result),
        fail: (error) => finish(refusals.notWritten(notWritten(error))),
      });
    });
  };

const decodeTarget = (request: Buffer, now: number): Checked | Refusal => {
  try {
    return checkTarget(readDelete(request, now));
  } catch {
    return refusals.handlerFailed; // no message of this protocol
  }
};

const handleRemoval =
  (remove: (group: Group, stream: string, expected: Expected) => DeleteResult) =>
  (writer: Writer, now: () => number) =>
  (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const checked = decodeTarget(call.request, now());
    if (isRefusal(checked)) {
      callback(checked);
      return;
    }
    const { stream, expected } = checked;
    writer.enqueue({
      decide: (group) => remove(group, stream, expected),
      answer: (result) => {
        if (result.kind === 'done') callback(null, deleteSuccess(result.position));
        else if (result.kind === 'deleted') callback(refusals.streamDeleted(stream));
        else callback(refusals.wrongVersion(stream, expected, result.actual));
      },
      fail: (error) => callback(refusals.notWritten(notWritten(error))),
    });
  };

/** Streams.Delete: soft. */
export const handleDelete = handleRemoval(deleteStream);

/** Streams.Tombstone: for good. */
export const handleTombstone = handleRemoval(tombstone);
