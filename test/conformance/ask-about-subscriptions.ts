import type { Asking } from './asking.ts';
import { squeeze } from './render.ts';
import { event } from './wire.ts';

const all = '$all';
const live = '  ... after a live append';

/** Subscriptions to a stream and to $all, catching up and live. */
export const askAboutSubscriptions = async ({ append, follow, noteFollowed, tombstone, positions }: Asking): Promise<void> => {
  let s = follow({ stream: 's1' });
  await noteFollowed('subscribe s1 from start', s, squeeze);
  await append('s1', [event('live')]);
  await noteFollowed(live, s);
  s.cancel();
  s = follow({ stream: 's1', from: 5 });
  await noteFollowed('subscribe s1 from revision 5', s);
  s.cancel();
  s = follow({ stream: 's1', from: 1000 });
  await noteFollowed('subscribe s1 from revision 1000 (beyond the end)', s);
  s.cancel();
  s = follow({ stream: 's1', from: 'end' });
  await noteFollowed('subscribe s1 from end', s);
  await append('s1', [event('live2')]);
  await noteFollowed(`${live} (2)`, s);
  s.cancel();
  s = follow({ stream: 'not-yet' });
  await noteFollowed('subscribe to a stream that does not exist', s);
  await append('not-yet', [event('born')]);
  await noteFollowed('  ... after its first append', s);
  await tombstone('not-yet');
  await noteFollowed('  ... after its tombstone', s);
  s.cancel();

  s = follow({ stream: all, from: 'end' });
  await noteFollowed('subscribe $all from end', s);
  await append('s1', [event('live3')]);
  await noteFollowed(`${live} (3)`, s);
  s.cancel();
  s = follow({ stream: all });
  await noteFollowed('subscribe $all from start', s, squeeze);
  s.cancel();
  const there = await positions();
  const third = BigInt(there.at(-3) ?? 0);
  s = follow({ stream: all, from: third });
  await noteFollowed('subscribe $all from the position of the third last event', s);
  s.cancel();
  await noteFollowed('subscribe $all from that + 1', follow({ stream: all, from: third + 1n }));
  s = follow({ stream: all, from: BigInt(there.at(-1) ?? 0) + 1_000_000n });
  await noteFollowed('subscribe $all from beyond the end', s);
  s.cancel();
};

/** Filtered subscriptions: what comes, and when a checkpoint is said. */
export const askAboutFilters = async ({ append, follow, noteFollowed, positions, p }: Asking): Promise<void> => {
  const noise = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await append('noise', [event('noise')]);
  };
  const hit = (): Promise<string> => append('match-1', [event('hit')]);
  await noise(200);
  await hit();
  await noise(10);
  await hit();
  const history = await positions();
  const ordinals = new Map(history.map((position, i) => [p.nameOf(position), i - history.length]));
  const withOrdinals = (lines: readonly string[]): string[] =>
    lines.map((line) =>
      line.replace(/#\d+/g, (name) => {
        const ordinal = ordinals.get(name);
        return `${name}=${ordinal === undefined ? 'notAnEvent' : `event[${ordinal}]`}`;
      }),
    );
  let round = 0;
  for (const [window, multiplier] of [
    [32, 1],
    [10, 2],
    [100, 1],
    [undefined, 1],
  ] as const) {
    round++;
    const nth = round === 1 ? '' : ` (${round})`;
    const s = follow({
      stream: all,
      from: history.at(-213) ?? 0,
      filter: { prefixes: ['match-'], ...(window ? { window } : {}), multiplier },
    });
    const title = `filtered $all subscription (prefix match-), max window ${window}, multiplier ${multiplier}: history of 212 events, 2 match`;
    await noteFollowed(title, s, withOrdinals);
    await noise(70);
    await noteFollowed(`  ... after 70 live events that do not match${nth}`, s);
    await hit();
    await noteFollowed(`  ... after 1 live event that matches${nth}`, s);
    s.cancel();
  }
  const s = follow({ stream: all, from: 'end', filter: { on: 'type', regex: '^[^$].*', window: 32, multiplier: 1 } });
  await noteFollowed('filtered (exclude system events) from end', s);
  await noise(5);
  const kinds = (lines: readonly string[]): string[] => (lines.length < 5 ? [] : [lines.map((line) => line.split(' ')[0]).join(',')]);
  await noteFollowed('  ... after 5 live', s, kinds);
  s.cancel();
  await noteFollowed('filtered, multiplier 0', follow({ stream: all, filter: { prefixes: ['match-'], window: 32, multiplier: 0 } }));
  const nothing = follow({ stream: all, filter: { prefixes: [], window: 32, multiplier: 1 } });
  await noteFollowed('filtered, empty expression', nothing, squeeze);
  nothing.cancel();
};
