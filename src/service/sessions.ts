import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { SessionStart, Sessions } from '../api/session/deps.ts';
import type { Clock } from '../clock.ts';
import { deleteSession, insertSession, readSession, type SessionRow, touchSession } from './sessions-table.ts';

const SECRET_BYTES = 32;
/** What a node knows of a session holds for so long; then it looks whether another node has ended it. */
const KNOWN_MS = 1_000;
/** The last use is written once in so long. */
const WRITTEN_MS = 60_000;
const MOST_KNOWN = 10_000;

/** What a node knows of one session. `usedAt` is the last use here or elsewhere, `writtenAt` that which Postgres was told of. */
type Known = {
  row: SessionRow | undefined;
  readAt: number;
  usedAt: number;
  writtenAt: number;
  ended: boolean;
  reading: Promise<void> | undefined;
};

export type SessionsOptions = {
  readonly tables: () => Promise<Kysely<unknown>>;
  readonly hash: (label: string, ...parts: string[]) => string;
  /** A session ends after `idleMs` without a request, and `longestMs` after it began. */
  readonly idleMs: number;
  readonly longestMs: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random?: (bytes: number) => Buffer;
};

/** Sessions in Postgres, by keyed hash. A node asks for one at most once a second, and writes its last use at most once a minute. */
export const openSessions = (options: SessionsOptions): Sessions => {
  const { tables, hash, idleMs, longestMs, clock, log, random = randomBytes } = options;
  const known = new Map<string, Known>();
  const keyOf = (secret: string): string => hash('session', secret);

  const knowing = (key: string): Known => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const oldest = known.size >= MOST_KNOWN ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    const begun: Known = { row: undefined, readAt: Number.NEGATIVE_INFINITY, usedAt: 0, writtenAt: 0, ended: false, reading: undefined };
    known.set(key, begun);
    return begun;
  };
  const keep = (one: Known, row: SessionRow | undefined, readAt: number): void => {
    one.row = row;
    one.readAt = readAt;
    one.usedAt = Math.max(one.usedAt, row?.usedAt ?? 0);
    one.writtenAt = Math.max(one.writtenAt, row?.usedAt ?? 0);
  };
  const read = async (key: string, one: Known): Promise<void> => {
    const readAt = clock.now();
    keep(one, await readSession(await tables(), key), readAt);
  };
  const look = (key: string, one: Known): Promise<void> => {
    one.reading ??= read(key, one).finally(() => {
      one.reading = undefined;
    });
    return one.reading;
  };
  const note = (key: string, one: Known, now: number): void => {
    one.usedAt = now;
    if (now - one.writtenAt < WRITTEN_MS) return;
    one.writtenAt = now;
    tables()
      .then((db) => touchSession(db, key, now))
      .catch((err) => log.warn({ err }, 'the last use of a session could not be written'));
  };
  return {
    begin: async (start) => {
      const secret = random(SECRET_BYTES).toString('base64url');
      const key = keyOf(secret);
      const now = clock.now();
      const row = { start, beganAt: now, usedAt: now };
      await insertSession(await tables(), key, row, { usedBefore: now - idleMs, beganBefore: now - longestMs });
      keep(knowing(key), row, now);
      return secret;
    },
    find: async (secret): Promise<SessionStart | undefined> => {
      const key = keyOf(secret);
      const one = knowing(key);
      const now = clock.now();
      if (!one.ended && now - one.readAt >= KNOWN_MS) await look(key, one);
      const { row } = one;
      if (row === undefined || one.ended || now - one.usedAt >= idleMs || now - row.beganAt >= longestMs) return undefined;
      note(key, one, now);
      return row.start;
    },
    end: async (secret) => {
      const key = keyOf(secret);
      knowing(key).ended = true; // whatever is being read at this moment
      await deleteSession(await tables(), key);
    },
  };
};
