import { randomUUID } from 'node:crypto';
import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ClientDuplexStream, type ClientReadableStream, credentials, type ServiceError } from '@grpc/grpc-js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { type Positions, renderAppend, renderBatch, renderError, renderPosition, renderRead } from './render.ts';

/** An event to append; `type` and `contentType` can be left out to see what the server says. */
export type TestEvent = { id: string; type: string | undefined; contentType: string | undefined; data: Buffer; metadata: Buffer };

export type Expectation = 'any' | 'no_stream' | 'stream_exists' | number;

/** What to read or to follow. */
export type Question = {
  stream: string;
  from?: 'start' | 'end' | number | bigint | string;
  backwards?: boolean;
  count?: number;
  filter?: { on?: 'type'; regex?: string; prefixes?: string[]; window?: number; multiplier?: number };
  links?: boolean;
  compatibility?: number;
};

/** A subscription under way: its lines so far. */
export type Following = { readonly lines: string[]; readonly cancel: () => void };

export const event = (type = 't', data: unknown = { a: 1 }, metadata?: unknown): TestEvent => ({
  id: randomUUID(),
  type,
  contentType: 'application/json',
  data: Buffer.from(JSON.stringify(data)),
  metadata: metadata === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(metadata)),
});

const identifier = (name: string): shared.StreamIdentifier => {
  const id = new shared.StreamIdentifier();
  id.setStreamName(Buffer.from(name).toString('base64'));
  return id;
};

const uuid = (value: string): shared.UUID => {
  const id = new shared.UUID();
  id.setString(value);
  return id;
};

type HasRevision = {
  setAny(v: shared.Empty): unknown;
  setNoStream(v: shared.Empty): unknown;
  setStreamExists(v: shared.Empty): unknown;
  setRevision(v: string): unknown;
};

const expectRevision = (options: HasRevision, expected: Expectation): void => {
  if (expected === 'any') options.setAny(new shared.Empty());
  else if (expected === 'no_stream') options.setNoStream(new shared.Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new shared.Empty());
  else options.setRevision(String(expected));
};

const proposed = <M extends streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage>(message: M, e: TestEvent): M => {
  message.setId(uuid(e.id));
  if (e.type !== undefined) message.getMetadataMap().set('type', e.type);
  if (e.contentType !== undefined) message.getMetadataMap().set('content-type', e.contentType);
  message.setData(new Uint8Array(e.data));
  message.setCustomMetadata(new Uint8Array(e.metadata));
  return message;
};

const position = (at: number | bigint | string): streams.ReadReq.Options.Position => {
  const p = new streams.ReadReq.Options.Position();
  p.setCommitPosition(String(at));
  p.setPreparePosition(String(at));
  return p;
};

const filterOptions = (filter: NonNullable<Question['filter']>): streams.ReadReq.Options.FilterOptions => {
  const options = new streams.ReadReq.Options.FilterOptions();
  const expression = new streams.ReadReq.Options.FilterOptions.Expression();
  if (filter.regex !== undefined) expression.setRegex(filter.regex);
  for (const prefix of filter.prefixes ?? []) expression.addPrefix(prefix);
  if (filter.on === 'type') options.setEventType(expression);
  else options.setStreamIdentifier(expression);
  if (filter.window === undefined) options.setCount(new shared.Empty());
  else options.setMax(filter.window);
  options.setCheckpointintervalmultiplier(filter.multiplier ?? 1);
  return options;
};

const readRequest = (q: Question, subscribe: boolean): streams.ReadReq => {
  const options = new streams.ReadReq.Options();
  const { from = 'start', compatibility = 1 } = q;
  if (q.stream === '$all') {
    const all = new streams.ReadReq.Options.AllOptions();
    if (from === 'start') all.setStart(new shared.Empty());
    else if (from === 'end') all.setEnd(new shared.Empty());
    else all.setPosition(position(from));
    options.setAll(all);
  } else {
    const one = new streams.ReadReq.Options.StreamOptions();
    one.setStreamIdentifier(identifier(q.stream));
    if (from === 'start') one.setStart(new shared.Empty());
    else if (from === 'end') one.setEnd(new shared.Empty());
    else one.setRevision(String(from));
    options.setStream(one);
  }
  options.setReadDirection(q.backwards ? 1 : 0);
  options.setResolveLinks(q.links ?? false);
  if (subscribe) options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
  else if (q.count !== undefined) options.setCount(String(q.count));
  if (q.filter) options.setFilter(filterOptions(q.filter));
  else options.setNoFilter(new shared.Empty());
  const ids = new streams.ReadReq.Options.UUIDOption();
  ids.setString(new shared.Empty());
  options.setUuidOption(ids);
  if (compatibility > 0) {
    const control = new streams.ReadReq.Options.ControlOption();
    control.setCompatibility(compatibility);
    options.setControlOption(control);
  }
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
};

const collect = (p: Positions, call: ClientReadableStream<streams.ReadResp>, lines: string[]): Promise<string[]> =>
  new Promise((resolve) => {
    call.on('data', (answer: streams.ReadResp) => lines.push(renderRead(p, answer)));
    call.on('error', (error: ServiceError) => {
      lines.push(renderError(error));
      resolve(lines);
    });
    call.on('end', () => resolve(lines));
  });

type Removal = { setOptions(v: streams.DeleteReq.Options & streams.TombstoneReq.Options): unknown };

/** Speaks the protocol to a server without the client's conveniences, and renders what it answers as lines. */
export const speak = (address: string, p: Positions) => {
  const insecure = credentials.createInsecure();
  const sameConnection = { 'grpc.max_receive_message_length': 17 * 1024 * 1024 };
  const client = new streamsGrpc.StreamsClient(address, insecure, sameConnection);
  const gossipClient = new gossip.GossipClient(address, insecure, sameConnection);
  const featuresClient = new features.ServerFeaturesClient(address, insecure, sameConnection);
  const batches = new Map<string, (line: string) => void>();
  let batchCall: ClientDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp> | undefined;

  const remove = (request: Removal, stream: string, expected: Expectation): void => {
    const options = new streams.DeleteReq.Options();
    options.setStreamIdentifier(identifier(stream));
    expectRevision(options, expected);
    request.setOptions(options as streams.DeleteReq.Options & streams.TombstoneReq.Options); // the two are alike field by field
  };

  return {
    append: (stream: string, events: readonly TestEvent[], expected: Expectation = 'any'): Promise<string> =>
      new Promise((resolve) => {
        const call = client.append((error, answer) => resolve(error ? renderError(error) : renderAppend(p, answer)));
        const options = new streams.AppendReq.Options();
        options.setStreamIdentifier(identifier(stream));
        expectRevision(options, expected);
        const first = new streams.AppendReq();
        first.setOptions(options);
        call.write(first);
        for (const e of events) {
          const request = new streams.AppendReq();
          request.setProposedMessage(proposed(new streams.AppendReq.ProposedMessage(), e));
          call.write(request);
        }
        call.end();
      }),

    batch: (
      stream: string,
      events: readonly TestEvent[],
      expected: Expectation = 'any',
      deadlineMs = 10_000,
      final = true,
    ): Promise<string> =>
      new Promise((resolve) => {
        batchCall ??= client.batchAppend().on('data', (answer: streams.BatchAppendResp) => {
          const id = answer.getCorrelationId()?.getString() ?? '';
          batches.get(id)?.(renderBatch(p, answer));
          batches.delete(id);
        });
        const correlation = randomUUID();
        batches.set(correlation, resolve);
        const options = new streams.BatchAppendReq.Options();
        options.setStreamIdentifier(identifier(stream));
        if (expected === 'any') options.setAny(new empty.Empty());
        else if (expected === 'no_stream') options.setNoStream(new empty.Empty());
        else if (expected === 'stream_exists') options.setStreamExists(new empty.Empty());
        else options.setStreamPosition(String(expected));
        options.setDeadline(timestamp.Timestamp.fromDate(new Date(Date.now() + deadlineMs)));
        const request = new streams.BatchAppendReq();
        request.setCorrelationId(uuid(correlation));
        request.setOptions(options);
        for (const e of events) request.addProposedMessages(proposed(new streams.BatchAppendReq.ProposedMessage(), e));
        request.setIsFinal(final);
        batchCall.write(request);
      }),

    read: (question: Question): Promise<string[]> => collect(p, client.read(readRequest(question, false)), []),

    /** The raw positions of everything in $all. */
    positions: async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const answer of client.read(readRequest({ stream: '$all', count: 100_000 }, false))) {
        if (answer instanceof streams.ReadResp && answer.hasEvent()) found.push(answer.getEvent()?.getEvent()?.getCommitPosition() ?? '');
      }
      return found;
    },

    follow: (question: Question): Following => {
      const lines: string[] = [];
      const call = client.read(readRequest(question, true));
      collect(p, call, lines);
      call.on('end', () => lines.push('END'));
      return { lines, cancel: () => call.cancel() };
    },

    delete: (stream: string, expected: Expectation = 'any'): Promise<string> =>
      new Promise((resolve) => {
        const request = new streams.DeleteReq();
        remove(request, stream, expected);
        client.delete(request, (error, answer) =>
          resolve(error ? renderError(error) : `SUCCESS ${renderPosition(p, answer.getPosition())}`),
        );
      }),

    tombstone: (stream: string, expected: Expectation = 'any'): Promise<string> =>
      new Promise((resolve) => {
        const request = new streams.TombstoneReq();
        remove(request, stream, expected);
        client.tombstone(request, (error, answer) =>
          resolve(error ? renderError(error) : `SUCCESS ${renderPosition(p, answer.getPosition())}`),
        );
      }),

    features: (): Promise<string[]> =>
      new Promise((resolve) => {
        featuresClient.getSupportedMethods(new shared.Empty(), (error, answer) => {
          if (error) return resolve([renderError(error)]);
          const methods = answer.getMethodsList().map((m) => `${m.getServiceName()}/${m.getMethodName()} [${m.getFeaturesList()}]`);
          return resolve([`version ${answer.getEventStoreServerVersion()}`, ...methods.sort()]);
        });
      }),

    /** A round trip on the connection: what the server sent before it has arrived after it. */
    gossip: (): Promise<string[]> =>
      new Promise((resolve) => {
        gossipClient.read(new shared.Empty(), (error, answer) => {
          if (error) return resolve([renderError(error)]);
          const members = answer.getMembersList();
          return resolve(members.map((m) => `state=${m.getState()} alive=${m.getIsAlive()} address=${m.getHttpEndPoint()?.getAddress()}`));
        });
      }),

    close: (): void => {
      batchCall?.cancel();
      batchCall?.on('error', () => {});
      client.close();
      gossipClient.close();
      featuresClient.close();
    },
  };
};

export type Speaker = ReturnType<typeof speak>;
