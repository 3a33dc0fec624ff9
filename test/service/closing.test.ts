import { describe, expect, it } from 'vitest';
import { closeAfterFailure, closeAll } from '../../src/service/closing.ts';

const opened = () => {
  const closed: string[] = [];
  const close = (name: string) => async () => void closed.push(name);
  const fail = (name: string) => async () => {
    closed.push(name);
    throw new Error(`${name} did not close`);
  };
  return { closed, close, fail };
};

describe('closing', () => {
  it('goes from the last opened to the first, one after another, and once', async () => {
    const { closed, close } = opened();
    const closing = [close('store'), () => void closed.push('at once'), close('api')];
    await closeAll(closing);
    await closeAll(closing);
    expect(closed).toEqual(['api', 'at once', 'store']);
  });

  it('closes the rest when one fails, and then reports the first failure', async () => {
    const { closed, close, fail } = opened();
    await expect(closeAll([close('folder'), fail('store'), close('views'), fail('api')])).rejects.toThrow('api did not close');
    expect(closed).toEqual(['api', 'views', 'store', 'folder']);
  });

  it('after a failure leaves the word to that one', async () => {
    const { closed, close, fail } = opened();
    await closeAfterFailure([close('folder'), fail('store')]);
    expect(closed).toEqual(['store', 'folder']);
  });
});
