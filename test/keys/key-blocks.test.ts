import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyBlocks, type UnusedKey } from '../../src/keys/key-blocks.ts';

/** A store for blocks that answers when told to, or fails. */
const heldStore = () => {
  const written: UnusedKey[] = [];
  const waiting: { readonly write: () => void; readonly fail: () => void }[] = [];
  const asked: (() => void)[] = [];
  const write = (keys: readonly UnusedKey[]) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({
        write: () => {
          written.push(...keys);
          resolve();
        },
        fail: () => reject(new Error('the store is away')),
      });
      asked.shift()?.();
    });
  const nextWrite = async () => {
    if (waiting.length === 0) await new Promise<void>((resolve) => asked.push(resolve));
    const next = waiting.shift();
    if (next === undefined) throw new Error('no write');
    return next;
  };
  return { written, waiting, write, nextWrite };
};
const blocksOn = (write: (keys: readonly UnusedKey[]) => Promise<void>, ahead: number) =>
  keyBlocks({ write, random: randomBytes, blockSize: 4, ahead });

describe('keys in blocks', () => {
  it('are each given once, all of them in the store before', async () => {
    const written = new Set<string>();
    const write = async (keys: readonly UnusedKey[]) => {
      await Promise.resolve();
      for (const { keyId } of keys) written.add(keyId);
    };
    const blocks = blocksOn(write, 8);
    const take = async () => {
      const taken = await blocks.take();
      expect(written).toContain(taken.keyId);
      expect(taken.key).toHaveLength(32);
      return taken;
    };
    const taken = await Promise.all(Array.from({ length: 500 }, take));
    expect(new Set(taken.map(({ keyId }) => keyId)).size).toBe(500);
    expect(new Set(taken.map(({ key }) => key.toString('hex'))).size).toBe(500);
  });

  it('are not given before their block is written', async () => {
    const { write, nextWrite } = heldStore();
    const blocks = blocksOn(write, 0);
    let taken: UnusedKey | undefined;
    const taking = blocks.take().then((key) => {
      taken = key;
    });
    const writing = await nextWrite();
    expect(taken).toBeUndefined();
    writing.write();
    await taking;
    expect(taken).toBeDefined();
  });

  it('are on hand ahead of need, so that some can be taken while the store is away', async () => {
    const { write, nextWrite, waiting } = heldStore();
    const blocks = blocksOn(write, 8);
    blocks.prepare();
    (await nextWrite()).write();
    (await nextWrite()).write();
    const taken: UnusedKey[] = [];
    for (let i = 0; i < 8; i++) {
      taken.push(await blocks.take());
      if (waiting.length > 0) (await nextWrite()).fail();
    }
    const ninth = blocks.take();
    (await nextWrite()).fail();
    await expect(ninth).rejects.toThrow('the store is away');
    const tenth = blocks.take();
    (await nextWrite()).write();
    taken.push(await tenth);
    expect(new Set(taken.map(({ keyId }) => keyId)).size).toBe(9);
  });

  it('write one block at a time, however many wait', async () => {
    const { write, nextWrite, waiting } = heldStore();
    const blocks = blocksOn(write, 0);
    const taking = Promise.all(Array.from({ length: 6 }, () => blocks.take()));
    const first = await nextWrite();
    expect(waiting).toHaveLength(0);
    first.write();
    (await nextWrite()).write();
    expect(new Set((await taking).map(({ keyId }) => keyId)).size).toBe(6);
  });

  it('that were put back are taken first, and are among what is left at the end', async () => {
    const blocks = blocksOn(async () => undefined, 0);
    const [first, second] = [await blocks.take(), await blocks.take()];
    blocks.giveBack(first);
    expect(await blocks.take()).toEqual(first);
    blocks.giveBack(second);
    expect(await blocks.drain()).toContainEqual(second);
  });

  it('that nobody took are given back at the end, and none after it', async () => {
    const { write, nextWrite, written } = heldStore();
    const blocks = blocksOn(write, 8);
    const taking = blocks.take();
    (await nextWrite()).write();
    const taken = await taking;
    const draining = blocks.drain();
    (await nextWrite()).write(); // under way already
    const unused = await draining;
    expect([taken, ...unused].map(({ keyId }) => keyId).sort()).toEqual(written.map(({ keyId }) => keyId).sort());
    await expect(blocks.take()).rejects.toThrow('the keyring is closed');
  });
});
