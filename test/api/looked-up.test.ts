import { expect, it } from 'vitest';
import { principals } from '../../src/api/auth/authenticate.ts';
import { keyedHash } from '../../src/keys/keyed-hash.ts';
import { accessView } from '../../src/live/access.ts';
import { manualClock } from '../support/manual-clock.ts';

it('what is looked up of a key or token is its keyed hash, of which a changed letter leaves nothing', () => {
  const asked: string[] = [];
  const principalOf = (hash: string) => {
    asked.push(hash);
    return undefined;
  };
  const hash = (label: string, ...parts: string[]) => keyedHash(Buffer.alloc(32, 7), label, ...parts);
  const find = principals({ ...accessView(), principalOf }, hash, manualClock(0), undefined);
  const secrets = ['k'.repeat(40), `${'k'.repeat(39)}l`, 'short', 'x'.repeat(10_000)];
  for (const kind of ['client', 'user'] as const) for (const secret of secrets) expect(find({ kind, secret })).toBeUndefined();
  expect(asked).toEqual([...secrets, ...secrets].map((secret) => hash('credential', secret)));
  for (const found of asked) expect(found).toMatch(/^[\w-]{43}$/);
  const [one = '', other = ''] = asked;
  const same = [...one].filter((letter, at) => letter === other[at]);
  expect(same.length).toBeLessThan(15);
});
