/** Bounds of an expression (2.3): its characters, those of a skill's name, and how deep its parentheses go. */
export const LONGEST_SKILL_EXPRESSION = 1_000;
const LONGEST_SKILL = 128;
const DEEPEST = 50;

const comparisons = {
  '>': (level: number, than: number) => level > than,
  '>=': (level: number, than: number) => level >= than,
  '=': (level: number, than: number) => level === than,
  '<=': (level: number, than: number) => level <= than,
  '<': (level: number, than: number) => level < than,
};
export type Comparison = keyof typeof comparisons;
const isComparison = (text: string): text is Comparison => Object.hasOwn(comparisons, text);

/** What an agent's skills are held against. `{ all: [] }` is the empty expression, which every agent meets. */
export type SkillExpression =
  | { readonly skill: string; readonly is: Comparison; readonly level: number }
  | { readonly all: readonly SkillExpression[] }
  | { readonly any: readonly SkillExpression[] };

/** The levels of an agent's skills, by name. */
export type Skills = Readonly<Record<string, number>>;

/** Where an expression can't be read: the character, from 1, and what was expected there. */
export type SkillExpressionFault = { readonly ok: false; readonly position: number; readonly message: string };
type Fault = { readonly at: number; readonly message: string };

const NAME = /[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.:-]*/uy;
const QUOTED = /"(?:[^"\\\p{Cc}\p{Cs}]|\\["\\])+"/uy;
const SIGN = />=|<=|[<>=&|()]/y;
const SPACE = /\s*/y;
const LEVEL = /^\d{1,9}(?:\.\d{1,6})?$/;

/** A name, a quoted one too, stands in `name`; the end is the sign ''. */
type Token = { readonly at: number; readonly end: number; readonly name?: string; readonly sign?: string };

const found = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

const tokenFrom = (text: string, from: number): Token | Fault => {
  const at = from + (found(SPACE, text, from)?.length ?? 0);
  if (at === text.length) return { at, end: at, sign: '' };
  const name = found(NAME, text, at);
  if (name !== undefined) return { at, end: at + name.length, name };
  const sign = found(SIGN, text, at);
  if (sign !== undefined) return { at, end: at + sign.length, sign };
  const quoted = found(QUOTED, text, at);
  if (quoted !== undefined) return { at, end: at + quoted.length, name: quoted.slice(1, -1).replace(/\\(.)/g, '$1') };
  const message =
    text[at] === '"'
      ? 'a name between quotes, with \\ before a quote or \\ in it, was expected'
      : 'a name with this character needs quotes';
  return { at, message };
};

type Comparing = { readonly end: number; readonly expression: SkillExpression };

/** A skill, and how its level compares; alone it is to be above 0. */
const comparing = (text: string, { name = '', at, end }: Token): Comparing | Fault => {
  if (name.length > LONGEST_SKILL) return { at, message: `a skill’s name has at most ${LONGEST_SKILL} characters` };
  const next = tokenFrom(text, end);
  const is = 'sign' in next ? next.sign : undefined;
  if ('message' in next || is === undefined || !isComparison(is)) return { end, expression: { skill: name, is: '>', level: 0 } };
  const level = tokenFrom(text, next.end);
  const digits = 'end' in level ? text.slice(level.at, level.end) : '';
  if ('message' in level || !LEVEL.test(digits)) return { at: level.at, message: 'a level, such as 5 or 2.5, was expected' };
  return { end: level.end, expression: { skill: name, is, level: Number(digits) } };
};

/** What stands between two parentheses: alternatives read whole, and the one that is being read. `at`: of the opening parenthesis. */
type Level = { readonly at: number; readonly any: SkillExpression[]; all: SkillExpression[] };

const joined = (all: readonly SkillExpression[]): SkillExpression => (all.length === 1 && all[0] !== undefined ? all[0] : { all });
const closed = ({ any, all }: Level): SkillExpression => (any.length === 0 ? joined(all) : { any: [...any, joined(all)] });

const read = (text: string): SkillExpression | Fault => {
  const outer: Level[] = [];
  let level: Level = { at: 0, any: [], all: [] };
  let isOperandNext = true;
  for (let from = 0; ; ) {
    const token = tokenFrom(text, from);
    if ('message' in token) return token;
    const { at, sign } = token;
    from = token.end;
    if (isOperandNext) {
      if (sign === '(') {
        if (outer.push(level) > DEEPEST) return { at, message: `at most ${DEEPEST} parentheses stand inside one another` };
        level = { at, any: [], all: [] };
        continue;
      }
      if (sign !== undefined) return { at, message: 'a skill or ( was expected' };
      const one = comparing(text, token);
      if ('message' in one) return one;
      level.all.push(one.expression);
      from = one.end;
      isOperandNext = false;
    } else if (sign === '&' || sign === '|') {
      if (sign === '|') {
        level.any.push(joined(level.all));
        level.all = [];
      }
      isOperandNext = true;
    } else if (sign === ')' || sign === '') {
      const around = outer.pop();
      if (sign === '' && around === undefined) return closed(level);
      if (around === undefined) return { at, message: 'this ) closes nothing' };
      if (sign === '') return { at, message: 'a ) was expected: more of them open than close' };
      around.all.push(closed(level));
      level = around;
    } else {
      return { at, message: '&, |, ) or the end was expected, or a comparison with a level right after a skill' };
    }
  }
};

/** Whether an agent with these skills is one that the expression asks for. A skill that the agent doesn't have is at level 0. */
export const meets = (expression: SkillExpression, skills: Skills): boolean => {
  if ('all' in expression) return expression.all.every((one) => meets(one, skills));
  if ('any' in expression) return expression.any.some((one) => meets(one, skills));
  const level = Object.hasOwn(skills, expression.skill) ? (skills[expression.skill] ?? 0) : 0;
  return comparisons[expression.is](level, expression.level);
};

/** An expression that was read, with `matches` for one agent's skills; or where and why it can't be. */
export type ParsedSkillExpression =
  | { readonly ok: true; readonly expression: SkillExpression; readonly matches: (skills: Skills) => boolean }
  | SkillExpressionFault;

/**
 * Reads a skill expression (2.3), in time that grows with its length: `skill`, alone (its level is above 0) or compared to a level, joined
 * by & and |, of which & binds closer, in parentheses. Names that aren't of letters, digits and _ . : - alone stand between quotes.
 * The empty one matches every agent. Characters are counted as Unicode does, from 1.
 */
export const parseSkillExpression = (text: string): ParsedSkillExpression => {
  const isEmpty = text.trim() === '';
  const result: SkillExpression | Fault =
    text.length > LONGEST_SKILL_EXPRESSION
      ? { at: LONGEST_SKILL_EXPRESSION, message: `an expression has at most ${LONGEST_SKILL_EXPRESSION} characters` }
      : isEmpty
        ? { all: [] }
        : read(text);
  if ('message' in result) return { ok: false, position: [...text.slice(0, result.at)].length + 1, message: result.message };
  return { ok: true, expression: result, matches: (skills) => meets(result, skills) };
};
