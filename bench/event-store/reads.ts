import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { credentials } from '@grpc/grpc-js';
import { say } from '../kit/figure.ts';
import { figure, someEvent, timed, withServer } from './harness.ts';
import { grpcLimits } from './raw-limits.ts';

const events = 100_000;

const countAll = async (source: AsyncIterable<unknown>): Promise<number> => {
  let n = 0;
  for await (const _ of source) n++;
  return n;
};

const rate = async (name: string, aim: number | undefined, run: () => AsyncIterable<unknown>): Promise<void> => {
  const rates: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { ms, result } = await timed(() => countAll(run()));
    rates.push((result * 1000) / ms);
  }
  figure(name, rates.toSorted((a, b) => a - b)[1] ?? 0, 'events/s', aim);
};

/** A filtered read of $all, which the client can't ask for: it leaves the filter out. */
const filteredRead = (filter: { types?: string[]; streams?: string }): streams.ReadReq => {
  const expression = new streams.ReadReq.Options.FilterOptions.Expression();
  for (const prefix of filter.types ?? []) expression.addPrefix(prefix);
  if (filter.streams !== undefined) expression.setRegex(filter.streams);
  const filtering = new streams.ReadReq.Options.FilterOptions();
  if (filter.types) filtering.setEventType(expression);
  else filtering.setStreamIdentifier(expression);
  filtering.setCount(new shared.Empty());
  filtering.setCheckpointintervalmultiplier(1);
  const all = new streams.ReadReq.Options.AllOptions();
  all.setStart(new shared.Empty());
  const options = new streams.ReadReq.Options();
  options.setAll(all);
  options.setCount(String(Number.MAX_SAFE_INTEGER));
  options.setFilter(filtering);
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
};

say(`Reads through the client of ${events} events of 300 bytes; the filters match nothing.`);
const limits = await grpcLimits(1000);
figure('raw/grpc-streamed', limits.streamed, 'messages/s');
figure('raw/client-reading', limits.read, 'events/s');

await withServer(async (client, server) => {
  for (let i = 0; i < events; i += 500) await client.appendToStream(`stream-${(i / 500) % 20}`, Array.from({ length: 500 }, someEvent));
  await rate('read/all', 45_000, () => client.readAll());
  await rate('read/stream', undefined, () => client.readStream('stream-7'));
  const raw = new streamsGrpc.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  const filters = { 'filtered-by-type': { types: ['Nothing'] }, 'filtered-by-stream': { streams: '^nothing-' } };
  for (const [name, filter] of Object.entries(filters)) {
    const { ms } = await timed(async () => {
      for await (const _ of raw.read(filteredRead(filter))) throw new Error('the filter matches nothing');
    });
    figure(`read/${name}-${events}`, ms, 'ms');
    figure(`read/${name}`, (events * 1000) / ms, 'events passed over/s');
  }
  raw.close();
});
