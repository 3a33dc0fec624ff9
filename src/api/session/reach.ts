import { Failure } from '../errors/failure.ts';
import { isDatabaseDown } from '../errors/unavailable.ts';

/** What the ops tables of sign-in answer; without Postgres the asker is told so, and that tokens go on. */
export const reach = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((error) => {
    throw error instanceof Error && isDatabaseDown(error) ? new Failure('SESSIONS_UNAVAILABLE') : error;
  });
