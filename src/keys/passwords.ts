import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { type Turns, turns } from './turns.ts';

/** What scrypt costs: N blocks, r times 128 bytes each, p times over. */
export type ScryptCost = { readonly N: number; readonly r: number; readonly p: number };
/** Cost of a new hash: 32 MiB and some tenths of a second, as OWASP advises. What was hashed at another cost keeps it. */
const COST: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** A hash keeps a thread of the process's pool of four, and a core, busy: two leave some for everything else. */
const AT_ONCE = 2;
const MOST_WAITING = 100;

const derive: (password: string, salt: Buffer, length: number, options: ScryptOptions) => Promise<Buffer> = promisify(scrypt);

const scryptOf = (password: string, salt: Buffer, { N, r, p }: ScryptCost): Promise<Buffer> =>
  // composed alike, for keyboards differ in how they write the same letter
  derive(password.normalize('NFKC'), salt, HASH_BYTES, { N, r, p, maxmem: 128 * r * (N + p) * 2 });

const SHAPE = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]{1,128})\$([\w-]{43})$/;

const read = (stored: string) => {
  const [, N, r, p, salt, keyed] = SHAPE.exec(stored) ?? [];
  if (salt === undefined || keyed === undefined) return undefined;
  return { cost: { N: Number(N), r: Number(r), p: Number(p) }, salt: Buffer.from(salt, 'base64url'), keyed };
};

/** Hashes of passwords: `scrypt$N$r$p$salt$hmac`, where the HMAC of scrypt's output is keyed, so that the log alone lets nobody guess. */
export type Passwords = {
  /** The hash to keep; waits for its turn. Rejects with TooManyWaitingError. */
  readonly hashed: (password: string) => Promise<string>;
  /** Whether a password is the one of that hash; as much work where there is none. To be called in a turn. */
  readonly matches: (password: string, stored: string | null | undefined) => Promise<boolean>;
  /** Lets few at a time do this work. */
  readonly inTurn: Turns;
};

/** `hash` is the keyring's; `random` makes salts. */
export const openPasswords = (
  hash: (label: string, ...parts: string[]) => string,
  { cost = COST, random = randomBytes }: { readonly cost?: ScryptCost; readonly random?: (bytes: number) => Buffer } = {},
): Passwords => {
  const inTurn = turns(AT_ONCE, MOST_WAITING);
  const keyedOf = (output: Buffer): string => hash('password', output.toString('base64url'));
  const nobody = { cost, salt: random(SALT_BYTES), keyed: undefined };
  return {
    hashed: (password) =>
      inTurn(async () => {
        const salt = random(SALT_BYTES);
        const keyed = keyedOf(await scryptOf(password, salt, cost));
        return `scrypt$${cost.N}$${cost.r}$${cost.p}$${salt.toString('base64url')}$${keyed}`;
      }),
    matches: async (password, stored) => {
      const { cost: its, salt, keyed } = read(stored ?? '') ?? nobody;
      const found = Buffer.from(keyedOf(await scryptOf(password, salt, its)));
      return timingSafeEqual(found, Buffer.from(keyed ?? keyedOf(salt))) && keyed !== undefined;
    },
    inTurn,
  };
};
