import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

const http2Preface = 'PRI ';

/** Gives each connection on one port to gRPC (HTTP/2) or HTTP/1.1, by its first bytes. */
export const sharePort = (grpc: { injectConnection: (socket: Socket) => void }, http: HttpServer): Server =>
  createServer({ noDelay: true }, (socket) => {
    let first = Buffer.alloc(0);
    const sniff = (chunk: Buffer): void => {
      first = Buffer.concat([first, chunk]);
      if (first.length < http2Preface.length) return;
      socket.off('data', sniff);
      socket.off('error', ignore);
      socket.pause();
      socket.unshift(first);
      if (first.subarray(0, http2Preface.length).toString('latin1') === http2Preface) {
        grpc.injectConnection(socket);
      } else {
        http.emit('connection', socket);
        process.nextTick(() => socket.resume());
      }
    };
    const ignore = (): void => {
      socket.destroy();
    };
    socket.on('error', ignore);
    socket.on('data', sniff);
  });

/** Listens; resolves to the port that was asked for or, for 0, given. */
export const listenOn = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port); // an address, not a pipe: it listens on a port
    });
  });
