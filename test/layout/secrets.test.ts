import { expect, it } from 'vitest';
import { sourcesIn, textOf } from './sources.ts';

const sources = sourcesIn('src').map(({ path }) => path);
const linesOf = (path: string): string[] =>
  textOf(path)
    .split('\n')
    .map((line) => line.trim());

/** Names of what somebody sends to prove who he is, or of what it is compared with. */
const proof = /\b\w*(secret|signature|seal|csrf|credential|apiKey|password|digest)\w*\b(?!['"])/i;
const comparison = /[!=]==|\.equals\(|localeCompare|startsWith\(|Buffer\.compare/;
/** Ask whether there is one, or of what kind or length, and nothing about what it says. */
const ofItsBeing = /[\w.()[\]]+ [!=]== (undefined|null|true|false|'[^']*'|\d+)|[\w.]+\.(length|kind|size) [!=]== [\w.]+/g;

/** Comparisons that nobody outside can time, each with its reason. */
const known: Readonly<Record<string, string>> = {
  'src/domain/access/decide-users.ts': 'of what an administrator puts with what is there, both keyed hashes',
  'src/api/session/proof.ts': 'of two keyed hashes of our own, neither of which the asker chose',
  'src/domain/access/decider.ts': 'of names of keys, which are no secrets',
  'src/keys/lmdb-key-store.ts': 'of what was read of the store with what is there by now',
  'src/keys/seal.ts': 'of fingerprints of keys in the environment, which nobody sends',
  'src/keys/secrets-key.ts': 'of a fingerprint in the key store with that of the key in the environment',
};

const comparisonsIn = (path: string): string[] =>
  linesOf(path).filter((line) => {
    const rest = line.replaceAll(ofItsBeing, '');
    return comparison.test(rest) && proof.test(rest) && !/^(\/\/|\*|\/\*)/.test(line);
  });

it('nothing that proves who somebody is is compared but in constant time: what is sent is hashed under a key and looked up', () => {
  const found = sources.filter((path) => !(path in known)).flatMap((path) => comparisonsIn(path).map((line) => `${path}: ${line}`));
  expect(found).toEqual([]);
  expect(Object.keys(known).filter((path) => comparisonsIn(path).length === 0)).toEqual([]);
});

it('comparisons of bytes that somebody sends are those of cookies, signatures and passwords', () => {
  const users = sources.filter((path) => textOf(path).includes('timingSafeEqual('));
  expect(users).toEqual(['src/api/session/cookie.ts', 'src/integrations/connector/signature.ts', 'src/keys/passwords.ts']);
});
