import { z } from 'zod';
import { cutList } from '../domain/kit/cut-list.ts';
import { isLine, LINE } from '../domain/kit/text.ts';

/** So many agents may a source tell of who aren't out. */
export const MOST_AGENTS = 20_000;
const MOST_SKILLS = 200;
/** What a skill expression can ask for. */
const HIGHEST_LEVEL = 999_999_999;

const LONGEST = 128;
/** A name, as everywhere. */
const word = z.string().min(1).max(LONGEST).regex(LINE, 'must not contain control characters');
const isWord = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= LONGEST && isLine(value);
const isLevel = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= HIGHEST_LEVEL;

/** No further than to the first that is wrong, or too many: see `cutList`. */
const cutSkills = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const levels = Object.entries(value);
  const wrong = levels.findIndex(([skill, level]) => !isWord(skill) || !isLevel(level));
  const end = Math.min(wrong === -1 ? levels.length : wrong + 1, MOST_SKILLS + 1);
  return end === levels.length ? value : Object.fromEntries(levels.slice(0, end));
};
const skills = z.preprocess(
  cutSkills,
  z
    .record(word, z.number().min(0).max(HIGHEST_LEVEL))
    .refine((levels) => Object.keys(levels).length <= MOST_SKILLS, `must not be more than ${MOST_SKILLS} skills`),
);

export const agentState = z.enum(['READY', 'BUSY', 'AWAY', 'OUT']);

/** What a source says of its agents: all of them, or with `full: false` those that changed (7.1). */
export const agentReport = z.strictObject({
  source: word,
  sequence: z.int().min(0),
  full: z.boolean().default(true),
  agents: z
    .array(
      z.strictObject({
        id: word,
        state: agentState,
        queues: cutList(word, 2000, isWord).default([]),
        skills: skills.default({}),
      }),
    )
    .max(MOST_AGENTS)
    .check(({ value, issues }) => {
      const seen = new Set<string>();
      for (const [index, { id }] of value.entries()) {
        if (seen.has(id)) issues.push({ code: 'custom', path: [index, 'id'], message: 'is there twice', input: id });
        seen.add(id);
      }
    }),
});
export type AgentReport = z.output<typeof agentReport>;
