import type { Asking } from './asking.ts';
import { event } from './wire.ts';

const large = 'x'.repeat(1_200_000);

/** What a server offers, and appends one by one and in a batch call. */
export const askAboutAppends = async ({ note, append, batch, read, features, gossip }: Asking): Promise<void> => {
  note('ServerFeatures.GetSupportedMethods', await features());
  note('Gossip.Read', await gossip());
  note('empty database: readAll from start', await read({ stream: '$all', count: 1000 }));
  note('readAll backwards from end, count 2', await read({ stream: '$all', from: 'end', backwards: true, count: 2 }));

  note('append: first event, any', await append('s1', [event('a')]));
  const again = event('b');
  note('append: second event, expected 0', await append('s1', [again], 0));
  note('append: same event id again, any (idempotent)', await append('s1', [again]));
  note('append: same event id again, expected 0 (idempotent)', await append('s1', [again], 0));
  const three = [event('c'), event('d', { x: 1 }, { m: 1 }), { ...event('e'), contentType: 'application/octet-stream' }];
  note('append: 3 events at once', await append('s1', three, 1));
  note('append: no events, existing stream, any', await append('s1', []));
  note('append: no events, new stream, any', await append('s-none', []));
  note('append: no events, wrong version', await append('s1', [], 77));
  note('append: no_stream on existing', await append('s1', [event()], 'no_stream'));
  note('append: expected 9 on existing', await append('s1', [event()], 9));
  note('append: expected 9 on a stream that does not exist', await append('s-none', [event()], 9));
  note('append: stream_exists on a stream that does not exist', await append('s-none', [event()], 'stream_exists'));
  note('append: stream_exists on existing', await append('s1', [event('f')], 'stream_exists'));
  note('append: event without type', await append('s1', [{ ...event(), type: undefined }]));
  note('append: event without content-type', await append('s1', [{ ...event(), contentType: undefined }]));
  note('append: content-type text/plain', await append('s-ct', [{ ...event('q'), contentType: 'text/plain' }]));
  note('append: empty stream name', await append('', [event()]));
  note('append: 1.2 MB event (max append size is 1 MiB)', await append('s-big', [event('big', { x: large })]));
  note('append: to $all', await append('$all', [event()]));
  note('append: invalid JSON marked as application/json', await append('s-badjson', [{ ...event('bad'), data: Buffer.from('{not json') }]));

  note('batch: first event, any', await batch('b1', [event('a')]));
  const repeated = event('b');
  note('batch: expected 0', await batch('b1', [repeated], 0));
  note('batch: same id again, expected 0', await batch('b1', [repeated], 0));
  note('batch: no_stream on existing', await batch('b1', [event()], 'no_stream'));
  note('batch: expected 9 on existing', await batch('b1', [event()], 9));
  note('batch: expected 9 on a stream that does not exist', await batch('b-none', [event()], 9));
  note('batch: stream_exists on a stream that does not exist', await batch('b-none', [event()], 'stream_exists'));
  note('batch: no events, new stream', await batch('b-none', []));
  note('batch: no events, existing', await batch('b1', []));
  note('batch: deadline 0', await batch('b1', [event()], 'any', 0));
  note('batch: not final (deadline 300 ms)', await batch('b1', [event()], 'any', 300, false));
  note('batch: 1.2 MB event', await batch('b-big', [event('big', { x: large })]));
};
