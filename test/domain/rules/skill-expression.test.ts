import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columns } from '../../../src/domain/configuration/columns.ts';
import { meets, parseSkillExpression, type SkillExpression, type Skills } from '../../../src/domain/rules/skill-expression.ts';

const matches = (text: string, skills: Skills): boolean => {
  const read = parseSkillExpression(text);
  if (!read.ok) throw new Error(`${read.position}: ${read.message}`);
  return read.matches(skills);
};

const isPlain = (name: string): boolean => /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.:-]*$/u.test(name);
const nameText = (name: string): string => (isPlain(name) ? name : `"${name.replace(/["\\]/g, '\\$&')}"`);
const print = (expression: SkillExpression): string => {
  const inside = (one: SkillExpression): string => ('skill' in one ? print(one) : `(${print(one)})`);
  if ('all' in expression) return expression.all.map(inside).join(' & ');
  if ('any' in expression) return expression.any.map((one) => ('all' in one ? print(one) : inside(one))).join('|');
  return `${nameText(expression.skill)} ${expression.is}${expression.level}`;
};

/** Judges what was printed by JavaScript's own && and ||, which bind alike. */
const byJavaScript = (expression: SkillExpression, skills: Skills): boolean => {
  const text = print(expression)
    .replace(/([a-d]) (>=|<=|>|<|=)(\d+)/g, (_, skill: string, is: string, level: string) => {
      const sign = is === '=' ? '===' : is;
      return `${skills[skill] ?? 0}${sign}${level}`;
    })
    .replaceAll('&', '&&')
    .replaceAll('|', '||');
  return Boolean(new Function(`return ${text || 'true'}`)());
};

const comparison = fc.constantFrom('>' as const, '>=' as const, '=' as const, '<=' as const, '<' as const);
const expressionOf = (skill: fc.Arbitrary<string>, level: fc.Arbitrary<number>): fc.Arbitrary<SkillExpression> =>
  fc.letrec<{ any: SkillExpression; one: SkillExpression; list: readonly SkillExpression[] }>((tie) => ({
    one: fc.record({ skill, is: comparison, level }),
    list: fc.array(tie('any'), { minLength: 2, maxLength: 3 }),
    any: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      tie('one'),
      tie('list').map((all) => ({ all })),
      tie('list').map((any) => ({ any })),
    ),
  })).any;

const anyName = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((name) => !/[\p{Cc}\p{Cs}]/u.test(name));

describe('a skill expression', () => {
  it('that is printed reads back as it was, whatever the skills’ names', () =>
    fc.assert(
      fc.property(expressionOf(anyName, fc.nat({ max: 999_999_999 })), (expression) => {
        const text = print(expression);
        fc.pre(text.length <= 1_000);
        expect(parseSkillExpression(text)).toMatchObject({ ok: true, expression });
      }),
    ));

  it('is judged as the same comparisons joined by && and ||', () =>
    fc.assert(
      fc.property(
        expressionOf(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat({ max: 3 })),
        fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat({ max: 3 })),
        (expression, skills) => {
          const judged = byJavaScript(expression, skills);
          expect(meets(expression, skills)).toBe(judged);
          expect(matches(print(expression), skills)).toBe(judged);
        },
      ),
      { numRuns: 300 },
    ));

  it('binds & closer than |, unless parentheses say otherwise', () => {
    expect(matches('a | b & c', { a: 1 })).toBe(true);
    expect(matches('(a | b) & c', { a: 1 })).toBe(false);
    expect(matches('b & c | a', { a: 1 })).toBe(true);
    expect(matches('b & (c | a)', { a: 1 })).toBe(false);
  });

  it.each(['', ' ', '\t\n'])('of no words (%j) is met by every agent', (text) => {
    expect(matches(text, {})).toBe(true);
    expect(matches(text, { spanish: 3 })).toBe(true);
  });

  it('of a skill alone asks for a level above 0, and a skill that isn’t there is at 0', () => {
    expect([matches('spanish', { spanish: 0.5 }), matches('spanish', { spanish: 0 }), matches('spanish', {})]).toEqual([
      true,
      false,
      false,
    ]);
    expect([matches('spanish = 0', {}), matches('spanish < 3', {}), matches('spanish > 0', {})]).toEqual([true, true, false]);
    expect(matches('toString | constructor | __proto__', {})).toBe(false);
  });

  it('is read with or without spaces, with names of any letters, quoted where they hold something else', () => {
    expect(matches('español>=2.5&日本語<10', { español: 2.5, 日本語: 9 })).toBe(true);
    expect(matches('"Spanish (EU) \\"new\\" \\\\ > 3" > 3', { 'Spanish (EU) "new" \\ > 3': 4 })).toBe(true);
    expect(matches('24h:eu.west-1', { '24h:eu.west-1': 1 })).toBe(true);
  });

  it.each([
    ['&', 1, 'a skill or ('],
    ['a &', 4, 'a skill or ('],
    ['a && b', 4, 'a skill or ('],
    ['a || b', 4, 'a skill or ('],
    ['a | ) b', 5, 'a skill or ('],
    ['()', 2, 'a skill or ('],
    ['> 3', 1, 'a skill or ('],
    ['a b', 3, 'a comparison'],
    ['a 5', 3, 'a comparison'],
    ['(a) > 3', 5, '&, |, ) or the end'],
    ['a > 3 > 2', 7, '&, |, ) or the end'],
    ['a (b)', 3, '&, |'],
    ['a > b', 5, 'a level'],
    ['a >', 4, 'a level'],
    ['a == 3', 4, 'a level'],
    ['a > -1', 5, 'a level'],
    ['a > "5"', 5, 'a level'],
    ['a > 1e5', 5, 'a level'],
    ['a > 12345678901', 5, 'a level'],
    ['(a & (b | c)', 13, 'a ) was expected'],
    ['a)', 2, 'closes nothing'],
    ['a ! b', 3, 'quotes'],
    ['𝒳 & 😀', 5, 'quotes'],
    ['a & "b', 5, 'between quotes'],
    ['a & ""', 5, 'between quotes'],
    ['a & "b\\n"', 5, 'between quotes'],
    ['a & "b\n"', 5, 'between quotes'],
    ['a\0', 2, 'quotes'],
  ])('%j is refused at character %d', (text, position, message) =>
    expect(parseSkillExpression(text)).toMatchObject({ ok: false, position, message: expect.stringContaining(message) }),
  );

  it('is bounded in length, in depth and in its names', () => {
    const nested = (depth: number): string => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    expect(matches(nested(50), { a: 1 })).toBe(true);
    expect(parseSkillExpression(nested(51))).toMatchObject({ ok: false, position: 51 });
    expect(matches('a'.repeat(128), { ['a'.repeat(128)]: 1 })).toBe(true);
    expect(parseSkillExpression(`b & ${'a'.repeat(129)}`)).toMatchObject({ ok: false, position: 5 });
    const chain = Array.from({ length: 250 }, () => 'abc').join('|');
    expect(matches(chain, { abc: 1 })).toBe(true);
    expect(parseSkillExpression(`${chain}|ab`)).toMatchObject({ ok: false, position: 1001 });
  });

  it('of any text is read or refused at a character of it, or right behind', () =>
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'a1 ()&|<>="\\.-😀'), maxLength: 40 }), (text) => {
        const read = parseSkillExpression(text);
        if (read.ok) return;
        expect(read.position).toBeGreaterThanOrEqual(1);
        expect(read.position).toBeLessThanOrEqual([...text].length + 1);
      }),
      { numRuns: 500 },
    ));

  it('is a column of a queue, refused with the position', () => {
    expect(columns.skillExpression.parse('')).toBe('');
    expect(columns.skillExpression.parse('spanish > 3 & (sales | service)')).toBe('spanish > 3 & (sales | service)');
    expect(columns.skillExpression.safeParse('spanish >').error?.issues[0]?.message).toBe(
      'can’t be read at character 10: a level, such as 5 or 2.5, was expected',
    );
  });
});
