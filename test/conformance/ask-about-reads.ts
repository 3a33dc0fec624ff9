import type { Asking } from './asking.ts';

/** Streams and $all, both ways, from wherever, with and without filters. */
export const askAboutReads = async ({ note, read, positions }: Asking): Promise<void> => {
  const all = '$all';
  note('readStream s1 all', await read({ stream: 's1', count: 100 }));
  note('readStream s1 all, no control option (old client)', await read({ stream: 's1', count: 2, compatibility: 0 }));
  note('readStream s1 from 2 count 2', await read({ stream: 's1', from: 2, count: 2 }));
  note('readStream s1 from 99', await read({ stream: 's1', from: 99, count: 2 }));
  note('readStream s1 backwards from end count 2', await read({ stream: 's1', from: 'end', backwards: true, count: 2 }));
  note('readStream s1 backwards from 1', await read({ stream: 's1', from: 1, backwards: true, count: 10 }));
  note('readStream s1 backwards from 99', await read({ stream: 's1', from: 99, backwards: true, count: 2 }));
  note('readStream s1 forwards from end', await read({ stream: 's1', from: 'end', count: 2 }));
  note('readStream s1 backwards from start', await read({ stream: 's1', from: 'start', backwards: true, count: 5 }));
  note('readStream s1 count 0', await read({ stream: 's1', count: 0 }));
  note('readStream s1 no count option', await read({ stream: 's1' }));
  note('readStream missing, compat 1', await read({ stream: 'missing', count: 10 }));
  note('readStream missing, compat 0', await read({ stream: 'missing', count: 10, compatibility: 0 }));
  note('readStream of $all as a stream name', await read({ stream: '$all-x', count: 10 }));

  const third = BigInt((await positions()).at(-3) ?? 0);
  note('readAll forwards from position of the third last event, count 10', await read({ stream: all, from: third, count: 10 }));
  note('readAll backwards from the same position, count 2', await read({ stream: all, from: third, backwards: true, count: 2 }));
  note('readAll forwards from that position + 1 (inside a record)', await read({ stream: all, from: third + 1n, count: 2 }));
  note('readAll backwards from that position + 1', await read({ stream: all, from: third + 1n, backwards: true, count: 2 }));
  const beyond = third + 100_000_000n;
  note('readAll forwards from far beyond the end', await read({ stream: all, from: beyond, count: 2 }));
  note('readAll backwards from far beyond the end', await read({ stream: all, from: beyond, backwards: true, count: 1 }));
  note('readAll forwards from end', await read({ stream: all, from: 'end', count: 2 }));
  note('readAll backwards from start', await read({ stream: all, from: 'start', backwards: true, count: 2 }));
  const prefixed = { prefixes: ['b'], window: 32 };
  note('readAll filtered by stream prefix b, count 1', await read({ stream: all, count: 1, filter: prefixed }));
  const typed = { on: 'type', regex: '^[ab]$' } as const;
  note("readAll filtered by type regex ^[ab]$, window 'count'", await read({ stream: all, count: 10, filter: typed }));
  note('readAll filtered, max search window 0', await read({ stream: all, count: 10, filter: { prefixes: ['b'], window: 0 } }));
  note('readAll filtered, invalid regex', await read({ stream: all, count: 10, filter: { regex: '([', window: 32 } }));
};
