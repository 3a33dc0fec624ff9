import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';
import type { Bytes } from './messages.ts';

const joined = (chunks: readonly Buffer[]): Bytes => {
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
};

/** One end of a channel whose other end the engine has, and when the engine's thread is gone. */
export type EnginePort = { readonly port: MessagePort; readonly ended: Promise<void> };

/**
 * A socket for `pg`'s `stream` option whose other end is a MessagePort in the engine's thread.
 * `openPort` is called when `pg` connects. When the engine's thread is gone, the socket is destroyed, so that pending queries settle.
 */
export const portSocket = (openPort: () => Promise<EnginePort>): Duplex => {
  let port: MessagePort | undefined;
  let finish: (() => void) | undefined;
  const post = (chunks: readonly Buffer[]) => {
    const bytes = joined(chunks); // a copy of its own: pg's buffers are shared, and are moved on with what is around them
    port?.postMessage(bytes, [bytes.buffer]);
  };
  const duplex = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      post([chunk]);
      done();
    },
    writev: (chunks, done) => {
      post(chunks.map(({ chunk }) => chunk));
      done();
    },
    final: (done) => {
      finish = () => {
        duplex.push(null);
        done();
      };
      if (port === undefined) finish();
      else post([]);
    },
    destroy: (error, done) => {
      port?.close();
      done(error);
    },
  });

  const connect = async () => {
    try {
      const opened = await openPort();
      if (duplex.destroyed) return opened.port.close();
      port = opened.port;
      port.on('message', (bytes: Bytes) => duplex.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
      port.on('close', () => {
        if (finish !== undefined) finish();
        else if (!duplex.destroyed) void opened.ended.then(() => duplex.destroy()); // by then the next connection starts the engine anew
      });
      duplex.emit('connect');
    } catch (error) {
      duplex.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  // What pg asks of a net.Socket beyond a Duplex.
  return Object.assign(duplex, {
    connect: () => {
      void connect();
      return duplex;
    },
    setNoDelay: () => duplex,
    setKeepAlive: () => duplex,
    ref: () => {
      port?.ref();
      return duplex;
    },
    unref: () => {
      port?.unref();
      return duplex;
    },
  });
};
