import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseRegion, regionRule } from '../../../src/domain/rules/region-rule.ts';

const names = ['a', 'b', 'c', 'd', 'e', 'f'];

describe('the region of an attempt', () => {
  const anyRule = fc.tuple(fc.shuffledSubarray(names, { minLength: 1 }), fc.nat(6), fc.nat(6)).map(([all, first, second]) => {
    const preferred = all.slice(0, Math.max(1, first));
    const rest = all.slice(preferred.length);
    return { preferred, fallback: rest.slice(0, second), ignored: rest.slice(second) };
  });
  const anyHealthy = fc.subarray([...names, 'new']).map((healthy) => new Set(healthy));

  it('is a healthy one before which no healthy one comes, preferred ones first, and never ignored or unknown', () =>
    fc.assert(
      fc.property(anyRule, anyHealthy, (rule, healthy) => {
        const order = [...rule.preferred, ...rule.fallback];
        const choice = chooseRegion(rule, healthy);
        if ('waits' in choice) expect(order.filter((name) => healthy.has(name))).toEqual([]);
        else {
          const at = order.indexOf(String(choice.region));
          expect(at).toBeGreaterThanOrEqual(0);
          expect(order.slice(0, at).filter((name) => healthy.has(name))).toEqual([]);
          expect(healthy.has(String(choice.region))).toBe(true);
        }
      }),
      { numRuns: 500 },
    ));
  it('is not asked for where there is no rule, and is waited for where none is healthy', () => {
    expect(chooseRegion(undefined, new Set())).toEqual({ region: null });
    expect(chooseRegion({ preferred: ['a'], fallback: [], ignored: ['b'] }, new Set(['b']))).toEqual({ waits: 'NO_REGION' });
  });
});

describe('a region rule that is saved', () => {
  const paths = (body: unknown) => regionRule.safeParse(body).error?.issues.map(({ path }) => path.join('.')) ?? [];
  it('needs preferred regions only', () =>
    expect(regionRule.parse({ preferred: ['eu', 'us'] })).toEqual({ preferred: ['eu', 'us'], fallback: [], ignored: [] }));
  it.each([
    ['no preferred region', { preferred: [] }, 'preferred'],
    ['a region twice', { preferred: ['eu'], fallback: ['us'], ignored: ['eu'] }, 'ignored.0'],
    ['an empty name', { preferred: ['eu', ''] }, 'preferred.1'],
    ['a name with a line break', { preferred: ['e\nu'] }, 'preferred.0'],
    ['a name that is too long', { preferred: ['e'.repeat(129)] }, 'preferred.0'],
  ])('refuses %s', (_, body, path) => expect(paths(body)).toEqual([path]));
});
