import type { Wanted } from './filter.ts';
import { decodeBlock } from './filter-block.ts';
import { PAGE_BYTES, pageBackwards, type Stored } from './read-all.ts';
import { firstAtOrAfter, type Judged, judge } from './search.ts';
import { entryOf, type Store } from './store.ts';

const blockBefore = (store: Store, position: number, wanted: Wanted): Judged | undefined => {
  for (const { key, value } of store.db.blocks.getRange({ start: position, end: -1, reverse: true, limit: 2 }))
    if (key < position) return judge(decodeBlock(value, wanted.on), key, wanted);
  return undefined;
};

/** The wanted events of a block before a position, newest first, up to as many, or as many bytes of them; and where the next look ends. */
const lookInto = (store: Store, block: Judged, before: number, limit: number): { found: readonly Stored[]; next: number } => {
  const found: Stored[] = [];
  if (!block.any) return { found, next: block.first };
  let bytes = 0;
  for (let i = firstAtOrAfter(block.positions, before) - 1; i >= 0; i--) {
    const position = block.positions[i] ?? 0;
    const stored = block.verdicts[i] === 1 ? store.db.log.get(position) : undefined;
    if (!stored) continue;
    found.push({ position, stored });
    bytes += stored.length;
    if (found.length === limit || bytes >= PAGE_BYTES) return { found, next: position };
  }
  return { found, next: block.first };
};

/** The wanted events before a position, newest first, in pages of up to `limit`, of which some are empty; blocks that hold none are passed over. */
export function* searchBackwards(store: Store, before: number, wanted: Wanted, limit: number): Generator<readonly Stored[]> {
  let next = before;
  while (next > store.filterIndex.end) {
    const page = pageBackwards(store, next, limit);
    const oldest = page.at(-1);
    if (!oldest) return;
    next = oldest.position;
    yield page.filter(({ position, stored }) => {
      const { type, stream } = entryOf(position, stored);
      return wanted.test(wanted.on === 'type' ? type : stream);
    });
  }
  for (let block = blockBefore(store, next, wanted); block; block = blockBefore(store, next, wanted)) {
    const { found, next: end } = lookInto(store, block, next, limit);
    yield found;
    next = end;
  }
}
