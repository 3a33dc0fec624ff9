import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listNumbers } from '../../src/commands/do-not-call.ts';
import { deferred } from '../support/deferred.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const MANY = 3_000;
/** Parts of a list of this length that are changed at once. */
const AT_ONCE = 64;
const numbers = (first: number) => Array.from({ length: MANY }, (_, n) => `+1212${first + n}`);
/** Puts a list; `followed` is asked about each part once it is appended. */
const put = async (first: number, followed: (appended: number) => Promise<boolean>) => {
  const { deps, store } = desk.deskFor();
  let appended = 0;
  const counting = {
    ...store,
    append: async (...what: Parameters<typeof store.append>) => {
      const done = await store.append(...what);
      appended++;
      return done;
    },
  };
  const pace = { ...deps, store: counting, followed: () => followed(appended) };
  return listNumbers(pace, 'ReplaceEntries', numbers(first), desk.context());
};

describe('a long do-not-call list', () => {
  it('goes no faster to the log than others follow', async () => {
    const [allWait, caughtUp] = [deferred(), deferred<boolean>()];
    let waiting = 0;
    const done = put(2_000_000, (appended) => {
      waiting++;
      if (waiting === AT_ONCE) allWait.resolve();
      if (waiting <= AT_ONCE) expect(appended).toBeLessThanOrEqual(AT_ONCE);
      return caughtUp.promise;
    });
    await Promise.race([allWait.promise, done.then(() => expect(waiting).toBe(AT_ONCE))]);
    await desk.clock.settle();
    expect(waiting).toBe(AT_ONCE);
    caughtUp.resolve(true);
    expect(await done).toMatchObject({ added: MANY });
  });

  it('waits in vain for those who do not follow at all only so often', async () => {
    let vain = 0;
    const done = await put(3_000_000, async () => {
      vain++;
      return false;
    });
    expect(done).toMatchObject({ added: MANY });
    expect(vain).toBeGreaterThan(0);
    expect(vain).toBeLessThan(200);
  });
});
