import { z } from 'zod';
import { type SubjectKind, subject } from '../../domain/audit/about.ts';
import { callbackStream } from '../../domain/callback/events.ts';
import { catalogue } from '../../domain/catalogue.ts';
import { type RuleKind, ruleKinds } from '../../domain/configuration/rule-state.ts';
import { Failure } from '../errors/failure.ts';
import { instant } from '../schemas/instant.ts';
import { isCallbackId, text } from '../schemas/text.ts';

const MOST = 250;
const LONGEST = 512;

const isType = (type: string): boolean => Object.hasOwn(catalogue, type);
const types = z.preprocess(
  (value) => (value === undefined || Array.isArray(value) ? value : [value]),
  z.array(text(64).refine(isType, 'must be a type of event')).min(1).max(100).optional(),
);

/** A rule in a query: its kind and its name, `numbers/no-premium`. */
export const ruleName = text(64)
  .refine(
    (value) => ruleKinds.some((kind) => value.startsWith(`${kind}/`)),
    `must be ${ruleKinds.map((kind) => `${kind}/<name>`).join(', ')}`,
  )
  .describe('A rule by its kind and name, as numbers/no-premium');

export const readRule = (rule: string): { readonly kind: RuleKind; readonly name: string } | undefined => {
  const kind = ruleKinds.find((one) => rule.startsWith(`${one}/`));
  return kind && { kind, name: rule.slice(kind.length + 1) };
};

const thing = text(LONGEST).min(1).optional();
const things = {
  queue: thing,
  rule: ruleName.optional(),
  calendar: thing,
  group: thing,
  folder: thing,
  user: thing,
  key: thing,
  callback: thing,
};

/** The query of GET /api/audit. */
export const trailQuery = z
  .strictObject({
    from: instant.optional().describe('Events from here on'),
    to: instant.optional().describe('Events before this'),
    actor: text(LONGEST).min(1).optional().describe('The id of who acted'),
    type: types,
    stream: text(LONGEST).min(1).optional(),
    ...things,
    sort: z.enum(['at', '-at']).default('-at'),
    limit: z.coerce.number().int().min(1).max(MOST).default(100),
    cursor: text(2_000).optional().describe('What the page before answered as next'),
  })
  .check(({ value, issues }) => {
    const wrong = (path: string, message: string) => issues.push({ code: 'custom', path: [path], message, input: value });
    const { from, to } = value;
    if (from !== undefined && to !== undefined && from >= to) wrong('to', 'must be later than from');
    const [first, second] = Object.keys(things).filter((name) => name in value && value[name as keyof typeof things] !== undefined);
    if (first !== undefined && second !== undefined) wrong(second, `can’t stand beside ${first}`);
  });
export type TrailQuery = z.output<typeof trailQuery>;

/** The one thing whose history is asked for, as the index knows it, and its own stream if it has one; undefined for none. */
export const thingOf = (query: TrailQuery): { readonly subject: string; readonly stream?: string } | undefined => {
  const { queue, rule, calendar, group, folder, user, key, callback } = query;
  if (rule !== undefined) return { subject: rule };
  if (callback !== undefined)
    return { subject: subject('callback', callback), ...(isCallbackId(callback) ? { stream: callbackStream(callback) } : {}) };
  const named: Partial<Record<SubjectKind, string | undefined>> = { queue, calendar, group, folder, user, key };
  const [of] = Object.entries(named).flatMap(([kind, name]) => (name === undefined ? [] : [`${kind}/${name}`]));
  return of === undefined ? undefined : { subject: of };
};

const content = z.strictObject({
  sort: z.enum(['at', '-at']),
  until: z.string().regex(/^\d{1,19}$/),
  at: z.iso.datetime({ precision: 3 }),
  key: z.string().regex(/^\d{19}$/),
});
/** Where the page before ended, and up to what position all pages go. */
export type TrailCursor = { readonly until: bigint; readonly at: string; readonly key: string };

/** A cursor as the asker carries it: opaque text. */
export const writeTrailCursor = ({ sort }: TrailQuery, { until, at, key }: TrailCursor): string =>
  Buffer.from(JSON.stringify({ sort, until: until.toString(), at, key })).toString('base64url');

/** The cursor of a query; throws the failure that refuses one that nobody gave out. */
export const readTrailCursor = ({ cursor, sort }: TrailQuery): TrailCursor | undefined => {
  if (cursor === undefined) return undefined;
  const json = z
    .string()
    .transform((value, issues) => {
      try {
        return JSON.parse(value);
      } catch {
        issues.addIssue('no JSON');
        return z.NEVER;
      }
    })
    .pipe(content)
    .safeParse(Buffer.from(cursor, 'base64url').toString());
  if (!json.success || json.data.sort !== sort)
    throw new Failure('INVALID_FIELDS', { errors: [{ path: 'cursor', message: 'must be the next of a page in the same order' }] });
  const { until, at, key } = json.data;
  return { until: BigInt(until), at, key };
};
