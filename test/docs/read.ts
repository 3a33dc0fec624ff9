import { readFileSync } from 'node:fs';

/** A file of the project as text, by its path from the root. */
export const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The rows of the Markdown tables under a heading (all of the document without one): name in backticks, and the text of the second column. */
export const tableRows = (markdown: string, heading?: string): ReadonlyMap<string, string> => {
  const from = heading === undefined ? 0 : markdown.indexOf(`\n## ${heading}\n`);
  if (from < 0) throw new Error(`there is no heading ${heading}`);
  const to = heading === undefined ? -1 : markdown.indexOf('\n## ', from + 4);
  const part = markdown.slice(from, to < 0 ? undefined : to);
  return new Map([...part.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, name = '', text = '']) => [name, text]));
};

const SENTENCE = /^[A-Z0-9“`][^|]*\.$/;

/** Rows whose text isn't one sentence or more, ended by a full stop. */
export const withoutSentence = (rows: ReadonlyMap<string, string>): readonly string[] =>
  [...rows].filter(([, text]) => !SENTENCE.test(text)).map(([name]) => name);
