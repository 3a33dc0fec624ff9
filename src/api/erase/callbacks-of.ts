import { sql } from 'kysely';
import { mayRead, type Reads } from '../../domain/access/reads.ts';
import type { EventStore } from '../../eventstore/event-store.ts';
import type { ApiDeps } from '../deps.ts';
import { Failure } from '../errors/failure.ts';
import { LONGEST_WAIT_MS } from '../positions.ts';

const LIST = 'callback_list';

/** Ids of the callbacks of a number (E.164) that are listed, of queues that the one who asks reads; refused while the list isn't up to date. */
export const callbacksOf = async (
  { readModels, commands }: Pick<ApiDeps, 'readModels'> & { readonly commands: { readonly store: Pick<EventStore, 'lastPosition'> } },
  phoneNumber: string,
  reads: Reads,
): Promise<readonly string[]> => {
  const last = await commands.store.lastPosition();
  const isThere = (await readModels.problem(LIST)) === null;
  if (!isThere || (last !== undefined && !(await readModels.waitFor(last, LONGEST_WAIT_MS)))) throw new Failure('READ_MODELS_UNAVAILABLE');
  const { rows } = await sql<{ key: string; queue: string }>`
    select key, queue from ${sql.table(readModels.table(LIST))} where phone_number = ${phoneNumber} order by key`.execute(readModels.db);
  return rows.filter(({ queue }) => mayRead(reads, queue)).map(({ key }) => key);
};
