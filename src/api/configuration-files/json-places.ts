const SPACE = /[\s]*/y;
const PLAIN = /[^\s,\]}]*/y;

const behind = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
};
const afterSpace = (text: string, at: number): number => behind(SPACE, text, at);

const afterString = (text: string, at: number): number => {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
};

const afterValue = (text: string, at: number): number => {
  if (text[at] === '"') return afterString(text, at);
  if (text[at] !== '{' && text[at] !== '[') return behind(PLAIN, text, at);
  let depth = 0;
  for (let end = at; end < text.length; ) {
    const character = text[end];
    if (character === '"') {
      end = afterString(text, end);
      continue;
    }
    end++;
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth === 0) return end;
  }
  return text.length;
};

/** Where the values inside a value begin, by key. */
const inside = (text: string, at: number): ReadonlyMap<PropertyKey, number> => {
  const places = new Map<PropertyKey, number>();
  const isArray = text[at] === '[';
  if (!isArray && text[at] !== '{') return places;
  let next = afterSpace(text, at + 1);
  for (let index = 0; next < text.length && text[next] !== ']' && text[next] !== '}'; index++) {
    let key: PropertyKey = index;
    if (!isArray) {
      const end = afterString(text, next);
      key = String(JSON.parse(text.slice(next, end)));
      next = afterSpace(text, afterSpace(text, end) + 1);
    }
    places.set(key, next);
    next = afterSpace(text, afterValue(text, next));
    if (text[next] === ',') next = afterSpace(text, next + 1);
  }
  return places;
};

/** Where each line of a text begins. */
const linesOf = (text: string): readonly number[] => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
};

/** How many of ascending numbers are at most `most`. */
const countUpTo = (ascending: readonly number[], most: number): number => {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Where the value at a path begins in well-formed JSON, from 1; of one that isn't there, what it would be in. */
export const jsonPlaces = (text: string): ((path: readonly PropertyKey[]) => { readonly line: number; readonly column: number }) => {
  const known = new Map<number, ReadonlyMap<PropertyKey, number>>();
  let starts: readonly number[] | undefined;
  return (path) => {
    let at = afterSpace(text, 0);
    for (const key of path) {
      const places = known.get(at) ?? inside(text, at);
      known.set(at, places);
      const next = places.get(key);
      if (next === undefined) break;
      at = next;
    }
    starts ??= linesOf(text);
    const line = countUpTo(starts, at);
    return { line, column: at - (starts[line - 1] ?? 0) + 1 };
  };
};
