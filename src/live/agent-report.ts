import { z } from 'zod';

/** So many agents may a source tell of who aren't out. */
export const MOST_AGENTS = 20_000;
const MOST_SKILLS = 200;
/** What a skill expression can ask for. */
const HIGHEST_LEVEL = 999_999_999;

/** A name, as everywhere. */
const word = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters');
const skills = z
  .record(word, z.number().min(0).max(HIGHEST_LEVEL))
  .refine((levels) => Object.keys(levels).length <= MOST_SKILLS, `must not be more than ${MOST_SKILLS} skills`);

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
        queues: z.array(word).max(2000).default([]),
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
