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

/** Where the value at a path begins in well-formed JSON, from 1; of one that isn't there, what it would be in. */
export const jsonPlaces = (text: string): ((path: readonly PropertyKey[]) => { readonly line: number; readonly column: number }) => {
  const known = new Map<number, ReadonlyMap<PropertyKey, number>>();
  return (path) => {
    let at = afterSpace(text, 0);
    for (const key of path) {
      const places = known.get(at) ?? inside(text, at);
      known.set(at, places);
      const next = places.get(key);
      if (next === undefined) break;
      at = next;
    }
    const before = text.slice(0, at);
    const start = before.lastIndexOf('\n') + 1;
    return { line: before.split('\n').length, column: at - start + 1 };
  };
};
