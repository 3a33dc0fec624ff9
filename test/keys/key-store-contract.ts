import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeyRecord, KeyStore } from '../../src/keys/key-store.ts';
import { openKeyring } from '../../src/keys/keyring.ts';

/** One place where a key store lies: each `open` is a new store on the same, empty at first. `shared`: by several at once. */
export type KeyStorePlace = { readonly open: () => Promise<KeyStore>; readonly remove: () => Promise<void>; readonly shared: boolean };

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T00:00:00.000Z`;
const record = (keyId: string, deleteAfter: string | null = null, content = keyId): KeyRecord => ({
  keyId,
  sealedKey: Buffer.from(`sealed ${content}`),
  deleteAfter,
});
const plain = (records: readonly KeyRecord[]) =>
  records.map((r) => ({ ...r, sealedKey: Buffer.from(r.sealedKey).toString() })).sort((a, b) => (a.keyId < b.keyId ? -1 : 1));

/** What every key store keeps to. */
export const keyStoreContract = (name: string, place: () => Promise<KeyStorePlace>) =>
  describe(name, () => {
    let here: KeyStorePlace;
    let store: KeyStore;
    const all = async () => plain(await store.listKeys(undefined, 1000));
    beforeEach(async () => {
      here = await place();
      store = await here.open();
    });
    afterEach(async () => {
      await store.close();
      await here.remove();
    });
    const reopen = async () => {
      await store.close();
      store = await here.open();
    };

    it('gives back the keys that were put, also after it was opened again, and none that were not', async () => {
      const block = Array.from({ length: 256 }, (_, i) => record(`k${i}`, i % 2 === 0 ? null : day(3)));
      await store.putKeys(block);
      await reopen();
      expect(plain(await store.getKeys(['k7', 'k8', 'unknown', 'k7']))).toEqual(plain([record('k7', day(3)), record('k8')]));
      expect(await store.getKeys([])).toEqual([]);
      expect(await all()).toEqual(plain(block));
    });

    it('refuses a block with an id that is there, and keeps nothing of it', async () => {
      await store.putKeys([record('b')]);
      await expect(store.putKeys([record('a'), record('b', null, 'other')])).rejects.toThrow();
      expect(await all()).toEqual(plain([record('b')]));
    });

    it('lists every key once, in order of id, page by page', async () => {
      const ids = ['Z', 'a', 'a.1', 'a.10', 'a.2', 'b', 'é'];
      await store.putKeys(ids.map((id) => record(id)));
      const listed: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await store.listKeys(after, 2);
        listed.push(...page.map(({ keyId }) => keyId));
        after = page.at(-1)?.keyId;
        if (after === undefined) break;
      }
      expect(listed).toEqual(ids);
    });

    it('deletes the keys asked for and no other, for good', async () => {
      await store.putKeys([record('a', day(1)), record('b'), record('c')]);
      await store.deleteKeys(['a', 'b', 'unknown']);
      await store.deleteKeys([]);
      await reopen();
      expect(await all()).toEqual(plain([record('c')]));
      expect(await store.deleteExpired(day(9), 10)).toEqual([]);
    });

    it('moves the dates of keys, and makes none for those that are not there', async () => {
      await store.putKeys([record('a', day(1)), record('b'), record('c', day(1))]);
      const dates = new Map([
        ['a', day(2)],
        ['unknown', day(2)],
        ['b', day(3)],
      ]);
      await store.setDeleteAfter(dates);
      await store.setDeleteAfter(new Map());
      expect(await all()).toEqual(plain([record('a', day(2)), record('b', day(3)), record('c', day(1))]));
      await store.setDeleteAfter(new Map(['a', 'b', 'c'].map((keyId) => [keyId, null])));
      expect(await store.deleteExpired(day(9), 10)).toEqual([]);
      expect(await all()).toEqual(plain([record('a'), record('b'), record('c')]));
    });

    it('deletes what expired up to an instant, earliest first, as many as asked', async () => {
      await store.putKeys([record('c', day(3)), record('a', day(1)), record('b', day(2)), record('never'), record('later', day(4))]);
      expect([...(await store.deleteExpired(day(3), 2))].sort()).toEqual(['a', 'b']);
      expect(await store.deleteExpired(day(3), 2)).toEqual(['c']);
      expect(await store.deleteExpired(day(3), 2)).toEqual([]);
      expect(await all()).toEqual(plain([record('later', day(4)), record('never')]));
    });

    it('seals anew only what is still as it was, and never brings back what was deleted', async () => {
      await store.putKeys([record('a', day(1)), record('b'), record('c')]);
      await store.deleteKeys(['c']);
      const change = (keyId: string, before: string) => ({ keyId, before: Buffer.from(before), after: Buffer.from(`new ${keyId}`) });
      await store.resealKeys([change('a', 'sealed a'), change('b', 'something else'), change('c', 'sealed c')]);
      const a = { ...record('a', day(1)), sealedKey: Buffer.from('new a') };
      expect(await all()).toEqual(plain([a, record('b')]));
      expect(await store.deleteExpired(day(1), 10)).toEqual(['a']);
    });

    it('adds a secret once, whoever comes first', async () => {
      const added = await Promise.all(['x', 'y', 'z'].map((secret) => store.addSecret('one', Buffer.from(secret))));
      const kept = new Set(added.map((secret) => Buffer.from(secret).toString()));
      expect(kept.size).toBe(1);
      await reopen();
      expect([Buffer.from((await store.getSecret('one')) ?? '').toString()]).toEqual([...kept]);
      expect(await store.getSecret('two')).toBeUndefined();
    });

    it('writes and deletes several secrets together', async () => {
      await store.putSecrets({ a: Buffer.from('1'), b: Buffer.from('2') });
      await store.putSecrets({ a: undefined, b: Buffer.from('3'), c: Buffer.from('4'), d: undefined });
      await reopen();
      const secrets = await Promise.all(['a', 'b', 'c', 'd'].map((name) => store.getSecret(name)));
      expect(secrets.map((secret) => secret && Buffer.from(secret).toString())).toEqual([undefined, '3', '4', undefined]);
    });

    it('keeps secrets and keys apart', async () => {
      await store.addSecret('same', Buffer.from('secret'));
      await store.putKeys([record('same')]);
      await store.deleteKeys(['same']);
      expect(await store.getSecret('same')).toBeDefined();
      expect(await all()).toEqual([]);
    });

    it('is open to several at once, who see what each other does, or only to one', async () => {
      if (!here.shared) return expect(here.open()).rejects.toThrow('is open already');
      const other = await here.open();
      await other.putKeys([record('a'), record('b')]);
      await store.deleteKeys(['b']);
      expect(plain(await store.getKeys(['a', 'b']))).toEqual(plain([record('a')]));
      expect(plain(await other.getKeys(['a', 'b']))).toEqual(plain([record('a')]));
      const added = await Promise.all([store.addSecret('s', Buffer.from('1')), other.addSecret('s', Buffer.from('2'))]);
      expect(Buffer.compare(added[0], added[1])).toBe(0);
      await other.close();
    });

    it('loses in time what a node left that was killed, but no key that was used, nor one that a node takes', async () => {
      let now = Date.parse(day(1));
      const later = (days: number) => new Date(now + days * 86_400_000).toISOString();
      const keyring = () =>
        openKeyring({
          ...{ store: { ...store, close: async () => undefined }, secretsKey: Buffer.alloc(32, 7).toString('base64') },
          ...{ blockSize: 8, ahead: 0, now: () => now },
        });
      const killed = await keyring();
      const [kept, dated] = [await killed.takeKey(), await killed.takeKey()];
      await killed.setDeleteAfter(new Map([[kept.keyId, null]]));
      await killed.setDeleteAfter(new Map([[dated.keyId, later(90)]]));
      const ids = async () => (await all()).map(({ keyId }) => keyId);
      expect(await ids()).toHaveLength(8);

      const alive = await keyring();
      const [first] = [await alive.takeKey()];
      now += 6.9 * 86_400_000;
      const sameBlock = await alive.takeKey();
      expect(sameBlock.keyId.split('.')[0]).toBe(first.keyId.split('.')[0]);
      now += 0.1 * 86_400_000;
      const fresh = await alive.takeKey();
      expect(fresh.keyId.split('.')[0]).not.toBe(first.keyId.split('.')[0]);
      alive.giveBack(sameBlock.keyId);
      expect((await alive.takeKey()).keyId).not.toBe(sameBlock.keyId);
      await alive.setDeleteAfter(new Map([first, sameBlock, fresh].map(({ keyId }) => [keyId, null])));

      now += 22.9 * 86_400_000;
      expect(await alive.deleteExpired(later(0))).toBe(0);
      now += 0.1 * 86_400_000;
      expect(await alive.deleteExpired(later(0))).toBe(6 + 6);
      expect(await ids()).toEqual(expect.arrayContaining([kept, dated, first, sameBlock, fresh].map(({ keyId }) => keyId)));
      expect(await ids()).toHaveLength(4 + 8);
      await alive.close();
    });

    it('behaves like a map with dates, whatever is done to it', async () => {
      const keyId = fc.constantFrom('a', 'b', 'c', 'd');
      const date = fc.option(fc.integer({ min: 1, max: 5 }).map(day), { nil: null });
      const step = fc.oneof(
        fc.record({ do: fc.constant('put' as const), keyId, date }),
        fc.record({ do: fc.constant('date' as const), keyId, date }),
        fc.record({ do: fc.constant('delete' as const), keyId }),
        fc.record({ do: fc.constant('expire' as const), now: fc.integer({ min: 1, max: 5 }).map(day) }),
      );
      await fc.assert(
        fc
          .asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
            const model = new Map<string, string | null>();
            for (const s of steps) {
              if (s.do === 'put') {
                const put = store.putKeys([record(s.keyId, s.date)]);
                if (model.has(s.keyId)) await expect(put).rejects.toThrow();
                else await put.then(() => model.set(s.keyId, s.date));
              } else if (s.do === 'date') {
                await store.setDeleteAfter(new Map([[s.keyId, s.date]]));
                if (model.has(s.keyId)) model.set(s.keyId, s.date);
              } else if (s.do === 'delete') {
                await store.deleteKeys([s.keyId]);
                model.delete(s.keyId);
              } else {
                const due = [...model].filter(([, at]) => at !== null && at <= s.now).map(([id]) => id);
                expect([...(await store.deleteExpired(s.now, 100))].sort()).toEqual(due.sort());
                for (const id of due) model.delete(id);
              }
            }
            expect(await all()).toEqual(plain([...model].map(([id, at]) => record(id, at))));
          })
          .afterEach(async () => {
            await store.deleteKeys(['a', 'b', 'c', 'd']);
          }),
        { numRuns: 30 },
      );
    });
  });
