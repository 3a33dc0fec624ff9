import { type Kysely, sql } from 'kysely';
import type { SignInTries } from '../api/session/deps.ts';
import { type Clock, iso } from '../clock.ts';

/** So many tries, then a lock: a minute at first, twice as long each time, an hour at most. A day without tries forgets them. */
const TRIES = 5;
const FIRST_LOCK_SECONDS = 60;
const LONGEST_LOCK_SECONDS = 3_600;
const MOST_DOUBLINGS = 10;
const FORGOTTEN_MS = 86_400_000;

/**
 * Tries by account, never by address, counted before the password is looked at: however many come at once, on however many nodes, so many
 * are let through and no more.
 */
export const signInTries = (tables: () => Promise<Kysely<unknown>>, clock: Clock): SignInTries => ({
  take: async (account) => {
    const db = await tables();
    const now = sql`${iso(clock.now())}::timestamptz`;
    const forgotten = sql`t.tried_at < ${iso(clock.now() - FORGOTTEN_MS)}::timestamptz`;
    const failures = sql`(case when ${forgotten} then 1 else t.failures + 1 end)`;
    const locks = sql`(case when ${forgotten} then 0 else t.locks end)`;
    const seconds = sql`least(${FIRST_LOCK_SECONDS} * power(2, least(${locks}, ${MOST_DOUBLINGS}::int)), ${LONGEST_LOCK_SECONDS})`;
    const { rows } = await sql<{ lockedUntil: number | null }>`
      insert into ops_sign_in_tries as t (account, failures, locks, locked_until, tried_at) values (${account}, 1, 0, null, ${now})
      on conflict (account) do update set
        failures = ${failures} % ${TRIES}::int,
        locks = ${locks} + ${failures} / ${TRIES}::int,
        locked_until = case when ${failures} >= ${TRIES}::int then ${now} + ${seconds} * interval '1 second' end,
        tried_at = ${now}
      where t.locked_until is null or t.locked_until <= ${now}
      returning (extract(epoch from locked_until) * 1000)::float8 as "lockedUntil"`.execute(db);
    return rows[0];
  },
  succeeded: async (account) => {
    await sql`delete from ops_sign_in_tries where account = ${account}`.execute(await tables());
  },
});
