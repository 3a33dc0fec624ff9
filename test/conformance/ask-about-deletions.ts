import type { Asking } from './asking.ts';
import { event } from './wire.ts';

const patience = 10_000;

/** Deleted and tombstoned streams, metadata, links. */
export const askAboutDeletions = async ({
  note,
  append,
  batch,
  read,
  delete: remove,
  tombstone,
  follow,
  noteFollowed,
}: Asking): Promise<void> => {
  note('delete (soft) of missing, any', await remove('missing'));
  note('delete of missing, stream_exists', await remove('missing2', 'stream_exists'));
  note('delete of missing, no_stream', await remove('missing3', 'no_stream'));
  await append('d1', [event('x'), event('y')]);
  note('delete d1, wrong revision 9', await remove('d1', 9));
  note('delete d1, expected 1', await remove('d1', 1));
  note('read soft-deleted d1', await read({ stream: 'd1', count: 10 }));
  note('read soft-deleted d1 backwards', await read({ stream: 'd1', backwards: true, from: 'end', count: 10 }));
  note('read $$d1', await read({ stream: '$$d1', count: 10 }));
  note('append to soft-deleted d1, no_stream', await append('d1', [event('again')], 'no_stream'));
  note('read d1', await read({ stream: 'd1', count: 10 }));
  note('read $$d1 (2)', await read({ stream: '$$d1', count: 10 }));
  note('delete d1 again, any', await remove('d1'));
  note('delete d1 a second time, any', await remove('d1'));
  note('append to soft-deleted d1, expected 1 (wrong)', await append('d1', [event('w')], 1));
  note('append to soft-deleted d1, expected 2 (its last)', await append('d1', [event('w2')], 2));

  await append('t1', [event('x'), event('y')]);
  note('tombstone t1, wrong revision', await tombstone('t1', 9));
  note('tombstone t1, any', await tombstone('t1'));
  note('tombstone t1 again', await tombstone('t1'));
  note('delete tombstoned t1', await remove('t1'));
  note('read tombstoned t1', await read({ stream: 't1', count: 10 }));
  note('append to tombstoned t1', await append('t1', [event()]));
  note('batch to tombstoned t1', await batch('t1', [event()]));
  note('tombstone of missing stream, any', await tombstone('never-was'));
  await noteFollowed('subscribe to tombstoned t1', follow({ stream: 't1' }));
  note('readAll backwards from end count 3 (tombstones last)', await read({ stream: '$all', from: 'end', backwards: true, count: 3 }));

  await append('$$m1', [event('$metadata', { $maxCount: 2 })]);
  await append('m1', [event('m'), event('m'), event('m'), event('m')]);
  note('read m1 with $maxCount 2', await read({ stream: 'm1', count: 10 }));
  await append('$$m2', [event('$metadata', { $maxAge: 1 })]);
  await append('m2', [event('m')]);
  const end = Date.now() + patience;
  let aged = await read({ stream: 'm2', count: 10 });
  while (aged.some((line) => line.startsWith('EVENT')) && Date.now() < end) aged = await read({ stream: 'm2', count: 10 });
  note('read m2, $maxAge 1 s, after 1.6 s', aged);
  await append('$$m3', [event('$metadata', { $tb: 2 })]);
  await append('m3', [event('m'), event('m'), event('m'), event('m')]);
  note('read m3 with $tb 2', await read({ stream: 'm3', count: 10 }));
  note('append user event into a $$ stream with another type', await append('$$m4', [event('other', { a: 1 })]));

  const link = (to: string) => ({ ...event('$>'), data: Buffer.from(to) });
  note('append link $> to s1@0', await append('links', [link('0@s1'), link('0@missing'), link('0@t1'), link('0@m1')]));
  note('read links, unresolved', await read({ stream: 'links', count: 10 }));
  note('read links, resolved', await read({ stream: 'links', count: 10, links: true }));
};
