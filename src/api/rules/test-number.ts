import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { countryOf } from '../../domain/rules/countries.ts';
import type { NumberRule } from '../../domain/rules/number-rule.ts';
import { isAllowed, type NumberVerdict, testNumber, verdicts } from '../../domain/rules/number-verdict.ts';
import type { ApiDeps } from '../deps.ts';
import { failures } from '../errors/body.ts';
import { readNumberField } from '../number-field.ts';
import { name } from '../schemas/text.ts';
import { described, ruleParams } from './resource.ts';
import { country, ruleNamed } from './rows.ts';

const result = z
  .object({
    verdict: z.enum(verdicts),
    bookable: z.boolean().describe('Whether a queue with this rule takes the number'),
    message: z.string(),
    country: country.nullable().describe('Null where it can’t be determined'),
    blockedBy: z
      .object({ number: z.int().describe('From 1, in the rule’s order'), pattern: z.string() })
      .nullable()
      .describe('The first pattern that blocks'),
  })
  .meta({ id: 'NumberTest' });

/** The verdict in words; `place` is the country. */
const inWords = (verdict: NumberVerdict, place: string): string => {
  switch (verdict.verdict) {
    case 'COUNTRY_UNDETERMINED':
      return 'The country of the number can’t be determined.';
    case 'COUNTRY_NOT_PERMITTED':
      return `The country of the number isn’t among the permitted ones: ${place}.`;
    case 'BLOCKED_BY_PATTERN':
      return `The number is from ${place}, and is blocked by pattern ${verdict.pattern}.`;
    case 'PREMIUM_NUMBER':
      return `The number is from ${place}, and passes the rule; but it is a premium number, which isn’t booked.`;
    case 'PASSED':
      return `The number passes. It is from ${place}.`;
    case 'PASSED_NO_PATTERNS':
      return `The number passes. It is from ${place}; the rule has no blocked patterns.`;
  }
};

const shownVerdict = (rule: NumberRule, verdict: NumberVerdict): z.output<typeof result> => {
  const found = 'country' in verdict ? countryOf(verdict.country) : null;
  const pattern = 'pattern' in verdict ? rule.blockedPatterns[verdict.pattern - 1] : undefined;
  return {
    verdict: verdict.verdict,
    bookable: isAllowed(verdict),
    message: inWords(verdict, found === null ? '' : `${found.name} (${found.code})`),
    country: found,
    blockedBy: 'pattern' in verdict && pattern !== undefined ? { number: verdict.pattern, pattern } : null,
  };
};

/** POST /rules/numbers/{name}/test (4.1). What a booking couldn't read as a number fails here as it does there. */
export const testNumbers =
  ({ commands }: ApiDeps): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      '/rules/numbers/:name/test',
      {
        config: { permission: { user: ['numberRules', 'R'] } },
        schema: {
          ...described,
          operationId: 'testNumberRule',
          summary: 'What the saved rule says of a number: first of its country, then by its patterns',
          params: ruleParams,
          body: z.strictObject({ phoneNumber: name(64) }),
          response: { 200: result, ...failures(400, 401, 403, 404, 500, 503) },
        },
      },
      async ({ params, body }) => {
        const { rule } = ruleNamed(commands.configuration(), 'numbers', params.name);
        return shownVerdict(rule, testNumber(rule, readNumberField(body.phoneNumber)));
      },
    );
  };
