import type { Server, ServiceDefinition, sendUnaryData } from '@grpc/grpc-js';
import { type ReadRequest, readRequest } from '../protocol/read-request.ts';
import { clusterInfo, supportedMethods } from '../protocol/service-info.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../store/writer.ts';
import { handleAppend, handleDelete, handleTombstone } from './append.ts';
import { handleBatchAppend } from './batch-append.ts';
import { type Refusal, refusals } from './errors.ts';
import { readAll, readStream } from './read.ts';
import type { Answers } from './send.ts';
import { subscribeAll } from './subscribe-all.ts';
import { subscribeStream } from './subscribe-stream.ts';

const same = (bytes: Buffer): Buffer => bytes;

/** A method whose messages stay bytes: the codec is the protocol folder's. */
const method = (service: string, name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/event_store.client.${service}/${name}`,
  requestStream,
  responseStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});

const streamsService = {
  read: method('streams.Streams', 'Read', false, true),
  append: method('streams.Streams', 'Append', true, false),
  batchAppend: method('streams.Streams', 'BatchAppend', true, true),
  delete: method('streams.Streams', 'Delete', false, false),
  tombstone: method('streams.Streams', 'Tombstone', false, false),
} satisfies ServiceDefinition;

const featuresService = {
  getSupportedMethods: method('server_features.ServerFeatures', 'GetSupportedMethods', false, false),
} satisfies ServiceDefinition;

const gossipService = { read: method('gossip.Gossip', 'Read', false, false) } satisfies ServiceDefinition;

const refuseReading = (request: ReadRequest): Refusal | undefined => {
  if (request.stream === '') return refusals.handlerFailed;
  if (request.subscription || request.count !== undefined) return undefined;
  const parts = [
    request.stream === undefined ? 'All' : 'Stream',
    'None',
    request.backwards ? 'Backwards' : 'Forwards',
    request.filter ? 'Filter' : 'NoFilter',
  ];
  return refusals.invalid(`The combination of (${parts.join(', ')}) is invalid.`);
};

const decode = (request: Buffer): ReadRequest | undefined => {
  try {
    return readRequest(request);
  } catch {
    return undefined; // no message of this protocol
  }
};

const handleRead =
  (store: Store, now: () => number) =>
  async (call: Answers & { request: Buffer }): Promise<void> => {
    const request = decode(call.request);
    if (!request) {
      call.emit('error', refusals.handlerFailed);
      return;
    }
    const { stream, subscription } = request;
    try {
      const refusal =
        refuseReading(request) ??
        (stream === undefined
          ? await (subscription ? subscribeAll : readAll)(store, call, request, now)
          : await (subscription ? subscribeStream : readStream)(store, call, request, stream, now));
      if (refusal) call.emit('error', refusal);
      else call.end();
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
      call.emit('error', refusals.handlerFailed);
    }
  };

/** What the services need: the store, its writer, the clock (milliseconds since 1970), and how this node is reached. */
export type Node = {
  readonly store: Store;
  readonly writer: Writer;
  readonly now: () => number;
  readonly instanceId: string;
  readonly host: string;
  readonly port: () => number;
};

/** Adds what this server serves; any other method is answered "unimplemented". */
export const addServices = (server: Server, { store, writer, now, instanceId, host, port }: Node): void => {
  server.addService(streamsService, {
    read: handleRead(store, now),
    append: handleAppend(writer, now),
    batchAppend: handleBatchAppend(writer, now),
    delete: handleDelete(writer, now),
    tombstone: handleTombstone(writer, now),
  });
  server.addService(featuresService, {
    getSupportedMethods: (_: unknown, callback: sendUnaryData<Buffer>) => callback(null, supportedMethods),
  });
  server.addService(gossipService, {
    read: (_: unknown, callback: sendUnaryData<Buffer>) => callback(null, clusterInfo(instanceId, host, port(), now())),
  });
};
