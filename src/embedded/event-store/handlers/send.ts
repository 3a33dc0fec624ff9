import type { ServerWritableStream } from '@grpc/grpc-js';
import { framesOf } from './frames.ts';

/** A call that streams its answers. */
export type Answers = ServerWritableStream<Buffer, Buffer>;

const atOnce = 64;

/** Sends messages; resolves when the client has room for more, false once it is gone. */
export const send = async (call: Answers, messages: readonly Buffer[]): Promise<boolean> => {
  let room = true;
  for (let at = 0; at < messages.length; at += atOnce) {
    if (call.cancelled || call.destroyed) return false;
    room = call.write(framesOf(messages.slice(at, at + atOnce)));
  }
  if (room) return !call.cancelled;
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      call.off('cancelled', done);
      call.off('close', done);
      resolve(!call.cancelled && !call.destroyed);
    };
    call.on('drain', done);
    call.on('cancelled', done);
    call.on('close', done);
  });
};
