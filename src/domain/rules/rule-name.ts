import { z } from 'zod';

/** The name of a rule (4): 1 to 32 printable characters, of which a space is one; a new one's is held to `nameProblem` too. */
export const ruleName = z.string().regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,32}$/u, 'must be 1 to 32 printable characters');
