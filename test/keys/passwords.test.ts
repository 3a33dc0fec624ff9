import { describe, expect, it } from 'vitest';
import { keyedHash } from '../../src/keys/keyed-hash.ts';
import { openPasswords } from '../../src/keys/passwords.ts';
import { TooManyWaitingError, turns } from '../../src/keys/turns.ts';
import { deferred } from '../support/deferred.ts';

const hashUnder =
  (byte: number) =>
  (label: string, ...parts: string[]) =>
    keyedHash(Buffer.alloc(32, byte), label, ...parts);

describe('passwords', () => {
  const cost = { N: 1024, r: 8, p: 1 };
  const passwords = openPasswords(hashUnder(1), { cost });

  it('are known again by their hash, which tells nothing of them, and differs each time', async () => {
    const [first, second] = [await passwords.hashed('correct horse'), await passwords.hashed('correct horse')];
    expect(first).toMatch(/^scrypt\$1024\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(first).not.toBe(second);
    for (const stored of [first, second]) expect(await passwords.matches('correct horse', stored)).toBe(true);
  });

  it('are no others than these, not even in another case, or longer by a blank', async () => {
    const stored = await passwords.hashed('correct horse');
    for (const wrong of ['Correct horse', 'correct horse ', '', stored]) expect(await passwords.matches(wrong, stored)).toBe(false);
  });

  it('are the same however a keyboard composes a letter', async () =>
    expect(await passwords.matches('cafe\u0301', await passwords.hashed('caf\u00e9'))).toBe(true));

  it('match nothing where there is no hash, or one that is none', async () => {
    for (const stored of [undefined, null, '', 'scrypt$1$1$1$x$y']) expect(await passwords.matches('', stored)).toBe(false);
  });

  it('are hashed at the cost that is advised, and known by the cost that they were hashed at', async () => {
    const stored = await openPasswords(hashUnder(1)).hashed('correct horse');
    expect(stored).toMatch(/^scrypt\$32768\$8\$3\$/);
    expect(await passwords.matches('correct horse', stored)).toBe(true);
  });

  it('can’t be guessed from the log without the key of hashes', async () => {
    const stored = await passwords.hashed('correct horse');
    expect(await openPasswords(hashUnder(2)).matches('correct horse', stored)).toBe(false);
  });
});

describe('turns', () => {
  it('are few at a time, in order, and a failure gives its turn on', async () => {
    const inTurn = turns(1, 2);
    const [release, begun] = [deferred(), [] as string[]];
    const first = inTurn(async () => {
      begun.push('first');
      await release.promise;
      throw new Error('first failed');
    });
    const second = inTurn(async () => begun.push('second'));
    const third = inTurn(async () => begun.push('third'));
    await expect(inTurn(async () => begun.push('fourth'))).rejects.toThrow(TooManyWaitingError);
    expect(begun).toEqual(['first']);
    release.resolve();
    await expect(first).rejects.toThrow('first failed');
    await Promise.all([second, third]);
    expect(begun).toEqual(['first', 'second', 'third']);
    await inTurn(async () => begun.push('fifth'));
    expect(begun).toHaveLength(4);
  });
});
