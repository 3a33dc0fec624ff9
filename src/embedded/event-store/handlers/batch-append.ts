import type { ServerDuplexStream } from '@grpc/grpc-js';
import { type BatchPart, readBatchPart, type Target } from '../protocol/append-request.ts';
import { type BatchError, batchErrors, batchFailure, batchSuccess } from '../protocol/append-response.ts';
import { lackOf, type Proposed, sizeOfProposed } from '../protocol/proposed-message.ts';
import { type AppendResult, append } from '../store/append.ts';
import type { Expected } from '../store/expected.ts';
import type { Writer } from '../store/writer.ts';
import { MAX_APPEND_SIZE } from './append.ts';
import { refusals } from './errors.ts';
import { framesOf } from './frames.ts';
import { notWritten } from './not-written.ts';

type Pending = {
  readonly stream: string;
  readonly expected: Expected;
  readonly deadline: number;
  readonly events: Proposed[];
  size: number;
  timer: NodeJS.Timeout | undefined;
};

const longestTimer = 2 ** 31 - 1;

const begin = (target: Target): Pending | BatchError => {
  if (target.stream === undefined) return batchErrors.badRequest('Required field StreamIdentifier not set.');
  if (target.expected === undefined) return batchErrors.badRequest('Required field ExpectedStreamPosition not set.');
  return {
    stream: target.stream,
    expected: target.expected,
    deadline: target.deadline ?? Number.POSITIVE_INFINITY,
    events: [],
    size: 0,
    timer: undefined,
  };
};

const faults = {
  type: "Required Metadata Property 'type' is missing",
  'content-type': "Required Metadata Property 'content-type' is missing",
  id: 'The id of an event is a UUID.',
};

const faultOf = (events: readonly Proposed[]): string | undefined => {
  for (const event of events) {
    const lack = lackOf(event);
    if (lack) return faults[lack];
  }
  return undefined;
};

/** Streams.BatchAppend: appends of any number over one call, each under its correlation id, answered as they become durable. */
export const handleBatchAppend =
  (writer: Writer, now: () => number) =>
  (call: ServerDuplexStream<Buffer, Buffer>): void => {
    const pending = new Map<string, Pending>();
    let unanswered = 0;
    let ended = false;

    let answers: Buffer[] = [];

    const flush = (): void => {
      const some = answers;
      answers = [];
      if (!call.cancelled && some.length > 0) call.write(framesOf(some));
    };
    const settle = (): void => {
      if (!ended || unanswered > 0 || pending.size > 0) return;
      flush();
      call.end();
    };
    const send = (bytes: Buffer): void => {
      if (answers.push(bytes) === 1) queueMicrotask(flush); // what a group has written is answered at once
    };
    const refuse = (correlation: Buffer, stream: string | undefined, error: BatchError): void => {
      send(batchFailure(correlation, stream, error));
      settle();
    };
    const drop = (key: string): void => {
      clearTimeout(pending.get(key)?.timer);
      pending.delete(key);
    };
    const park = (correlation: Buffer, key: string, p: Pending): void => {
      pending.set(key, p);
      if (p.deadline === Number.POSITIVE_INFINITY) return;
      p.timer = setTimeout(
        () => {
          pending.delete(key);
          refuse(correlation, p.stream, batchErrors.timeout);
        },
        Math.min(p.deadline - now(), longestTimer),
      );
    };
    const result = (correlation: Buffer, p: Pending, outcome: AppendResult | 'late'): Buffer => {
      if (outcome === 'late') return batchFailure(correlation, p.stream, batchErrors.timeout);
      if (outcome.kind === 'appended') return batchSuccess(correlation, p.stream, outcome);
      const error =
        outcome.kind === 'deleted' ? batchErrors.streamDeleted(p.stream) : batchErrors.wrongVersion(p.expected, outcome.current);
      return batchFailure(correlation, p.stream, error);
    };
    const write = (correlation: Buffer, p: Pending): void => {
      unanswered++;
      const answer = (bytes: Buffer): void => {
        unanswered--;
        send(bytes);
        settle();
      };
      writer.enqueue<AppendResult | 'late'>({
        decide: (group) => (now() >= p.deadline ? 'late' : append(group, p.stream, p.expected, p.events)),
        answer: (outcome) => answer(result(correlation, p, outcome)),
        fail: (error) => answer(batchFailure(correlation, p.stream, batchErrors.notWritten(notWritten(error)))),
      });
    };
    const receive = ({ correlation, target, proposed, final }: BatchPart): void => {
      const key = correlation.toString('latin1');
      let p = pending.get(key);
      if (!p) {
        if (!target) return; // the rest of an append that was refused or came too late
        const begun = begin(target);
        if ('code' in begun) {
          refuse(correlation, target.stream, begun);
          return;
        }
        if (begun.stream === '') {
          refuse(correlation, begun.stream, batchErrors.badRequest('The stream name is empty.'));
          return;
        }
        if (now() >= begun.deadline) {
          refuse(correlation, begun.stream, batchErrors.timeout);
          return;
        }
        p = begun;
        if (!final) park(correlation, key, p);
      }
      for (const event of proposed) {
        p.events.push(event);
        p.size += sizeOfProposed(event);
      }
      const fault = faultOf(proposed);
      if (fault || p.size > MAX_APPEND_SIZE) {
        drop(key);
        refuse(correlation, p.stream, fault ? batchErrors.badRequest(fault) : batchErrors.tooLarge(MAX_APPEND_SIZE));
        return;
      }
      if (!final) return;
      drop(key);
      write(correlation, p);
    };

    call.on('data', (buffer: Buffer) => {
      try {
        receive(readBatchPart(buffer, now()));
      } catch {
        call.emit('error', refusals.handlerFailed); // no message of this protocol
      }
    });
    call.on('end', () => {
      ended = true;
      for (const key of [...pending.keys()]) drop(key);
      settle();
    });
    call.on('cancelled', () => {
      for (const key of [...pending.keys()]) drop(key);
    });
  };
