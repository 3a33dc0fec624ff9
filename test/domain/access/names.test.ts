import { describe, expect, it } from 'vitest';
import { accessName, origin } from '../../../src/domain/access/names.ts';

const accepts = (schema: typeof accessName | typeof origin) => (text: string) => schema.safeParse(text).data;

describe('a name', () => {
  const name = accepts(accessName);
  it('has 1 to 128 characters, of any script, composed', () => {
    for (const good of ['a', 'Équipe Nord', '客服一组', 'a/b', '__proto__', 'x'.repeat(128)]) expect(name(good)).toBe(good);
    expect(name('e\u0301')).toBe('\u00e9');
  });
  it('is refused when it is empty, too long, or hides something', () => {
    const hidden = ['a\u202eb', 'a\u2066b', 'a\u200bb', 'a\u200db', '\ufeffa', 'a\u00adb', 'a\0b', 'a\nb', 'a\u2028b', '\ud800', '\ue000'];
    for (const bad of ['', ' ', ' a', 'a ', '.', '..', 'x'.repeat(129), 'x'.repeat(10_000), ...hidden]) expect(name(bad)).toBeUndefined();
  });
});

describe('an origin', () => {
  const read = accepts(origin);
  it('is kept as browsers send it', () => {
    expect(read('https://www.example.com')).toBe('https://www.example.com');
    expect(read('HTTPS://WWW.Example.COM:443')).toBe('https://www.example.com');
    expect(read('http://localhost:8080')).toBe('http://localhost:8080');
    expect(read('https://bücher.example')).toBe('https://xn--bcher-kva.example');
    expect(read('http://[::1]:3000')).toBe('http://[::1]:3000');
  });
  it('is refused with a path, a query, a fragment, a user, a wildcard, or another scheme', () => {
    const bad = ['https://a.example/', 'https://a.example/path', 'https://a.example?x', 'https://a.example#x', 'https://u:p@a.example'];
    const worse = [
      'https://*.a.example',
      '*',
      'null',
      'file:///a',
      'ftp://a.example',
      'a.example',
      'https://',
      'https://a b',
      'https://%2a.a',
    ];
    for (const text of [...bad, ...worse, 'javascript:alert(1)', 'https:\\\\a.example', ' https://a.example', 'https://a.example:99999'])
      expect(read(text), text).toBeUndefined();
  });
});
