import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { Client, credentials } from '@grpc/grpc-js';
import { perSecond } from './harness.ts';

/** Flushes per second of the disk under the temporary folder: a small write and an fdatasync, one after the other. */
export const flushesPerSecond = async (ms: number): Promise<number> => {
  const dir = await mkdtemp(join(tmpdir(), 'event-store-bench-'));
  const file = openSync(join(dir, 'file'), 'w');
  const block = Buffer.alloc(4096, 1);
  const start = performance.now();
  let flushes = 0;
  while (performance.now() - start < ms) {
    writeSync(file, block, 0, block.length, flushes * block.length);
    fdatasyncSync(file);
    flushes++;
  }
  const rate = (flushes * 1000) / (performance.now() - start);
  closeSync(file);
  await rm(dir, { recursive: true });
  return rate;
};

const echoServer = `
const { parentPort } = require('node:worker_threads');
const { Server, ServerCredentials } = require('@grpc/grpc-js');
const same = (bytes) => bytes;
const method = (path, requestStream, responseStream) => ({ path, requestStream, responseStream, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same });
const server = new Server();
server.addService({ echo: method('/echo/Echo', false, false), flood: method('/echo/Flood', false, true) }, {
  echo: (call, callback) => callback(null, call.request),
  flood: (call) => {
    let left = call.request.readUInt32LE(0);
    const message = Buffer.alloc(450);
    const send = () => {
      while (left > 0) { left--; if (!call.write(message)) return call.once('drain', send); }
      call.end();
    };
    send();
  },
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => parentPort.postMessage(port));
`;

const same = (bytes: Buffer): Buffer => bytes;

/** What grpc-js alone does between two threads: unary echoes of 450 bytes per second in 256 lanes, and streamed messages of 450 bytes per second. */
export const grpcLimits = async (ms: number): Promise<{ echoes: number; streamed: number }> => {
  const worker = new Worker(echoServer, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const message = Buffer.alloc(450);
  const echo = (): Promise<void> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest('/echo/Echo', same, same, message, (error) => (error ? reject(error) : resolve()));
    });
  await echo();
  const echoes = await perSecond(256, ms, echo);
  const count = Buffer.alloc(4);
  count.writeUInt32LE(100_000);
  const start = performance.now();
  let streamed = 0;
  for await (const _ of client.makeServerStreamRequest('/echo/Flood', same, same, count)) streamed++;
  const rate = (streamed * 1000) / (performance.now() - start);
  client.close();
  await worker.terminate();
  return { echoes, streamed: rate };
};
