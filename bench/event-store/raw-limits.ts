import { randomUUID } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Client, credentials } from '@grpc/grpc-js';
import { encodeRecorded } from '../../src/embedded/event-store/protocol/recorded-event.ts';
import { quantile } from '../kit/quantile.ts';
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
const { parentPort, workerData } = require('node:worker_threads');
const { Server, ServerCredentials } = require('@grpc/grpc-js');
const same = (bytes) => bytes;
const method = (path, requestStream, responseStream) => ({ path, requestStream, responseStream, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same });
const server = new Server();
const event = Buffer.from(workerData);
const send = (call) => {
  let left = 100000;
  const more = () => {
    while (left > 0) { left--; if (!call.write(event)) return call.once('drain', more); }
    call.end();
  };
  more();
};
server.addService({
  echo: method('/echo/Echo', false, false),
  flood: method('/echo/Flood', false, true),
  read: method('/event_store.client.streams.Streams/Read', false, true),
}, { echo: (call, callback) => callback(null, call.request), flood: send, read: send });
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => parentPort.postMessage(port));
`;

const same = (bytes: Buffer): Buffer => bytes;

/** An event of 300 bytes as it comes over the wire. */
const event = encodeRecorded({
  id: randomUUID(),
  stream: 'stream-7',
  revision: 4711,
  position: 123_456_789,
  type: 'CallbackBooked',
  json: true,
  created: `${Date.now()}0000`,
  data: Buffer.from(JSON.stringify({ text: 'x'.repeat(289) })),
  metadata: Buffer.alloc(0),
});

/**
 * What can be had between two threads without an event store: unary echoes per second in 256 lanes, messages streamed per second,
 * and events per second that the client reads from a server which does nothing but send it the same one again and again.
 */
export const grpcLimits = async (ms: number): Promise<{ echoes: number; streamed: number; read: number }> => {
  const worker = new Worker(echoServer, { eval: true, workerData: event });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const echo = (): Promise<void> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest('/echo/Echo', same, same, event, (error) => (error ? reject(error) : resolve()));
    });
  await echo();
  const echoes = await perSecond(256, ms, echo);
  const rate = async (source: AsyncIterable<unknown>): Promise<number> => {
    const start = performance.now();
    let n = 0;
    for await (const _ of source) n++;
    return (n * 1000) / (performance.now() - start);
  };
  const streamed = await rate(client.makeServerStreamRequest('/echo/Flood', same, same, event));
  const eventStoreClient = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${port}?tls=false`);
  const reads = [await rate(eventStoreClient.readAll()), await rate(eventStoreClient.readAll()), await rate(eventStoreClient.readAll())];
  await eventStoreClient.dispose();
  client.close();
  await worker.terminate();
  return { echoes, streamed, read: quantile(reads, 0.5) };
};
