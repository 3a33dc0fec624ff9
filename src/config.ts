import { z } from 'zod';

const secret = z.string().regex(/^[A-Za-z0-9_-]{32,128}$/, 'must be 32 to 128 characters of A–Z a–z 0–9 _ -');
const base64Key = z.string().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64');
/** Decimal digits only: blanks aren't 0, and `0x1F` or `1e3` no way to write a port. */
const number = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'must be a number')
  .transform(Number);
const url = (protocol: RegExp, example: string) => z.url({ protocol, error: `must be an address such as ${example}` });
const emptyAsAbsent = <T extends z.ZodType>(type: T) => z.preprocess((value) => (value === '' ? undefined : value), type);
const optional = <T extends z.ZodType>(type: T) => emptyAsAbsent(type.optional());

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
/** Access groups by the name that the identity provider has for them: `{ "callback-admins": "Administrators", "emea": ["Supervisors", "EMEA"] }`. */
const groupMap = z
  .string()
  .refine(isJson, { error: 'must be JSON', abort: true })
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.record(z.string(), z.union([z.string().transform((name) => [name]), z.array(z.string())])));

/** How much one API key may book: immediate callbacks per number in 24 hours, and callbacks per queue in a minute. */
const keyLimits = z
  .string()
  .regex(/^[1-9]\d{0,8},[1-9]\d{0,8}$/, { error: 'must be two whole numbers such as 6,500', abort: true })
  .transform((text) => {
    const [immediatePerNumberPerDay, bookingsPerQueuePerMinute] = text.split(',').map(Number);
    return { immediatePerNumberPerDay: immediatePerNumberPerDay ?? 0, bookingsPerQueuePerMinute: bookingsPerQueuePerMinute ?? 0 };
  });

/** Every variable that the service reads, by its name in the environment. An empty one counts as absent. */
export const environment = z.object({
  PORT: emptyAsAbsent(number.pipe(z.int().min(0).max(65_535)).default(8080)),
  HOST: emptyAsAbsent(z.string().default('127.0.0.1')),
  DATA_DIR: emptyAsAbsent(z.string().default('./data')),
  EVENTSTORE_URL: optional(url(/^esdb(\+discover)?$/, 'esdb://host:2113?tls=false')),
  DATABASE_URL: optional(url(/^postgres(ql)?$/, 'postgres://user:password@host:5432/ringback')),
  KEYS_DATABASE_URL: optional(url(/^postgres(ql)?$/, 'postgres://user:password@host:5432/keys')),
  SECRETS_KEY: optional(base64Key),
  SECRETS_KEY_NEXT: optional(base64Key),
  KEYS_BACKUP_DIR: optional(z.string()),
  KEYS_BACKUP_EVERY_HOURS: emptyAsAbsent(number.pipe(z.number().min(0.01).max(8_760)).default(24)),
  KEYS_BACKUP_KEEP_DAYS: emptyAsAbsent(number.pipe(z.number().min(0.01).max(366)).default(14)),
  BOOTSTRAP_API_KEY: optional(secret),
  BOOTSTRAP_API_KEY_LIMITS: optional(keyLimits),
  BOOTSTRAP_ADMIN_TOKEN: optional(secret),
  BOOTSTRAP_CONNECTOR_KEY: optional(secret),
  SIMULATOR: optional(z.enum(['on', 'off'])),
  SIMULATOR_SPEED: emptyAsAbsent(number.pipe(z.number().min(0.01).max(100_000)).default(1)),
  SIMULATOR_SEED: emptyAsAbsent(number.pipe(z.int()).default(1)),
  CONNECTOR_URL: optional(url(/^https?$/, 'https://pbx.example/ringback')),
  CONNECTOR_SECRET: optional(
    z
      .string()
      .regex(
        /^whsec_[A-Za-z0-9+/]+=*(?: whsec_[A-Za-z0-9+/]+=*){0,3}$/,
        'must be whsec_ and base64, or up to four such with a space between',
      ),
  ),
  PUBLIC_URL: optional(url(/^https?$/, 'https://callbacks.example.com')),
  SESSION_IDLE_MINUTES: emptyAsAbsent(number.pipe(z.number().min(1).max(1_440)).default(20)),
  SESSION_HOURS: emptyAsAbsent(number.pipe(z.number().min(0.1).max(168)).default(12)),
  OIDC_ISSUER: optional(url(/^https?$/, 'https://login.example.com/realms/callbacks')),
  OIDC_AUDIENCE: optional(z.string()),
  OIDC_GROUPS_CLAIM: emptyAsAbsent(z.string().default('groups')),
  OIDC_GROUPS_PREFIX: optional(z.string()),
  OIDC_GROUPS_MAP: optional(groupMap),
  OIDC_NAME_CLAIM: emptyAsAbsent(z.string().default('sub')),
  ROLE: emptyAsAbsent(z.enum(['all', 'api', 'worker']).default('all')),
  LOG_LEVEL: emptyAsAbsent(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info')),
});
export type Environment = z.output<typeof environment>;

/** The environment as the service runs on it: an absent EVENTSTORE_URL or DATABASE_URL is the embedded one. */
export type Config = Environment & { readonly simulator: boolean };

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the environment; refuses to start on doubt, naming the variables. */
export const readConfig = (variables: Readonly<Record<string, string | undefined>>): Config => {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  }
  const config = parsed.data;
  const {
    EVENTSTORE_URL,
    DATABASE_URL,
    KEYS_DATABASE_URL,
    CONNECTOR_URL,
    CONNECTOR_SECRET,
    SECRETS_KEY,
    KEYS_BACKUP_DIR,
    SIMULATOR,
    ROLE,
    OIDC_ISSUER,
    OIDC_AUDIENCE,
    OIDC_GROUPS_PREFIX,
    OIDC_GROUPS_MAP,
    PUBLIC_URL,
  } = config;
  const doubts = [
    SECRETS_KEY === undefined && [EVENTSTORE_URL, DATABASE_URL, KEYS_DATABASE_URL].some((address) => address !== undefined)
      ? 'SECRETS_KEY: needed unless all stores are embedded, 32 bytes in base64'
      : undefined,
    KEYS_BACKUP_DIR !== undefined && [DATABASE_URL, KEYS_DATABASE_URL].some((address) => address !== undefined)
      ? 'KEYS_BACKUP_DIR: the keys lie in a real Postgres, which its own tools back up'
      : undefined,
    (CONNECTOR_URL === undefined) !== (CONNECTOR_SECRET === undefined)
      ? 'CONNECTOR_URL, CONNECTOR_SECRET: one without the other'
      : undefined,
    SIMULATOR === 'on' && ROLE !== 'all'
      ? `SIMULATOR: on, and ROLE is ${ROLE}; the simulated contact center is served by, and reports to, a node that is all`
      : undefined,
    ROLE !== 'all' && (EVENTSTORE_URL === undefined || DATABASE_URL === undefined)
      ? `ROLE: ${ROLE} needs EVENTSTORE_URL and DATABASE_URL, for embedded stores serve one process`
      : undefined,
    SIMULATOR === 'on' && CONNECTOR_URL !== undefined ? 'SIMULATOR: on beside a CONNECTOR_URL; attempts go to one of them' : undefined,
    (OIDC_ISSUER === undefined) !== (OIDC_AUDIENCE === undefined)
      ? 'OIDC_ISSUER, OIDC_AUDIENCE: one without the other; tokens made for somebody else would do'
      : undefined,
    OIDC_GROUPS_PREFIX !== undefined && OIDC_GROUPS_MAP !== undefined
      ? 'OIDC_GROUPS_PREFIX, OIDC_GROUPS_MAP: both; a map names every group'
      : undefined,
    PUBLIC_URL !== undefined && new URL(PUBLIC_URL).pathname !== '/'
      ? 'PUBLIC_URL: has a path; the service answers at the root of its address'
      : undefined,
  ].filter((doubt) => doubt !== undefined);
  if (doubts.length > 0) throw new ConfigError(doubts.join('\n'));
  const embedded = EVENTSTORE_URL === undefined && DATABASE_URL === undefined;
  return { ...config, simulator: SIMULATOR === 'on' || (SIMULATOR === undefined && embedded && CONNECTOR_URL === undefined) };
};
