import type { ServerWritableStream } from '@grpc/grpc-js';

/** A call that streams its answers. */
export type Answers = ServerWritableStream<Buffer, Buffer>;

/** Sends messages; resolves when the client has room for more, false once it is gone. */
export const send = async (call: Answers, messages: readonly Buffer[]): Promise<boolean> => {
  let room = true;
  for (const message of messages) {
    if (call.cancelled || call.destroyed) return false;
    room = call.write(message);
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
