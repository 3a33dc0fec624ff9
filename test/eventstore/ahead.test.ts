import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ahead } from '../../src/eventstore/ahead.ts';
import { deferred } from '../support/deferred.ts';
import { all } from './door.ts';

async function* upTo(count: number, end?: Error) {
  for (let n = 0; n < count; n++) yield n;
  if (end !== undefined) throw end;
}
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('work begun ahead', () => {
  it('is handed over in order, all of it, however long each takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 30 }), fc.integer({ min: 1, max: 10 }), async (lasts, most) => {
        const done = await all(
          ahead(upTo(lasts.length), most, async (n) => {
            await turns(lasts[n] ?? 0);
            return n;
          }),
        );
        expect(done).toEqual(lasts.map((_, n) => n));
      }),
      { numRuns: 50 },
    );
  });

  it('is begun for so many before they are asked for, and no more', async () => {
    const [begun, gate] = [[] as number[], deferred()];
    const feed = ahead(upTo(100), 8, async (n) => {
      begun.push(n);
      await gate.promise;
      return n;
    });
    const first = feed.next();
    await turns(20);
    expect(begun.length).toBeGreaterThanOrEqual(8);
    expect(begun.length).toBeLessThanOrEqual(2 * 8);
    gate.resolve();
    expect(await first).toEqual({ done: false, value: 0 });
    expect(await all(feed)).toHaveLength(99);
  });

  it('that fails, or a source that does, is thrown in its place', async () => {
    const seen: number[] = [];
    const failing = async () => {
      for await (const n of ahead(upTo(9), 8, async (each) => (each === 3 ? Promise.reject(new Error('third')) : each))) seen.push(n);
    };
    await expect(failing()).rejects.toThrow('third');
    expect(seen).toEqual([0, 1, 2]);
    const lost = async () => {
      for await (const n of ahead(upTo(3, new Error('lost')), 8, (each) => each)) seen.push(n);
    };
    await expect(lost()).rejects.toThrow('lost');
    expect(seen).toEqual([0, 1, 2, 0, 1, 2]);
  });
});
