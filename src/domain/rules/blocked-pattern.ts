import { RE2JS, RE2JSSyntaxException } from 're2js';

/** Matches in time that grows with the number of digits, whatever the pattern. */
export type BlockedPattern = { readonly matches: (digits: string) => boolean; readonly size: number };

/** Why a pattern can't be used. `position` counts its characters from 1, and is null where the whole is wrong. */
export type PatternFault = { readonly fault: string; readonly position: number | null };

const faultOf = (pattern: string): RE2JSSyntaxException | undefined => {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return error;
    throw error;
  }
};

/** Where the parenthesis lies that has no other, from 0: the engine names the whole pattern instead. */
const loneParenthesis = (pattern: string): number | undefined => {
  const open: number[] = [];
  const tokens = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\[:\w+:\]|\\[\s\S]|[^\]\\])*\]|[()]/g;
  for (const { 0: token, index } of pattern.matchAll(tokens)) {
    if (token === '(') open.push(index);
    else if (token === ')' && open.pop() === undefined) return index;
  }
  return open.pop();
};

/** The engine names the part that it stumbled over: the first of its kind that makes the pattern up to there fail likewise. */
const placeOf = (pattern: string, message: string, part: string): number | undefined => {
  if (message.includes(')') && !message.includes('[')) return loneParenthesis(pattern);
  for (let at = pattern.indexOf(part); at >= 0; at = pattern.indexOf(part, at + 1)) {
    const before = faultOf(pattern.slice(0, at + part.length));
    if (before?.getDescription() === message) return at;
  }
  return undefined;
};

/** Reads a blocked pattern (4.1): a regular expression that isn't anchored. What needs backtracking, such as look-ahead, is a fault. */
export const readPattern = (pattern: string): BlockedPattern | PatternFault => {
  const fault = faultOf(pattern);
  if (fault === undefined) {
    const compiled = RE2JS.compile(pattern);
    return { matches: (digits) => compiled.test(digits), size: compiled.programSize() };
  }
  const message = fault.getDescription();
  const place = placeOf(pattern, message, fault.getPattern() ?? pattern.slice(-1));
  return { fault: message, position: place === undefined ? null : [...pattern.slice(0, place)].length + 1 };
};
