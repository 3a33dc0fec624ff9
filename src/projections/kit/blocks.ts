import { sql } from 'kysely';
import type { Feed } from '../../eventstore/event-store.ts';
import { describeError, rowsOf, type Session } from './database.ts';
import type { Event, Failure, Projection, Work } from './projection.ts';
import type { Log } from './retrying.ts';

/**
 * What takes no further events until it is repaired: one key of a read model, or a whole stream where the event can't be read
 * and its keys aren't known. `position` is the event's that stopped it; those after it stay in the log, and are folded by the repair.
 */
export type Block = {
  readonly scope: 'key' | 'stream';
  readonly id: string;
  readonly position: bigint;
  readonly eventId: string;
  readonly type: string;
  readonly error: string;
};

export type Blocks = { readonly keys: ReadonlyMap<string, Block>; readonly streams: ReadonlyMap<string, Block> };

export const blocksOf = (blocks: readonly Block[]): Blocks => ({
  keys: new Map(blocks.filter(({ scope }) => scope === 'key').map((block) => [block.id, block])),
  streams: new Map(blocks.filter(({ scope }) => scope === 'stream').map((block) => [block.id, block])),
});

export const listOf = ({ keys, streams }: Blocks): Block[] => [...keys.values(), ...streams.values()];

/** Ids stay out of the log: a stream's or a key's name may be made of a number that someone dials. */
export const reportBlocks = (log: Log, table: string, blocks: readonly Block[]): void => {
  for (const { scope, position, eventId, type, error } of blocks)
    log.error({ table, scope, position: position.toString(), eventId, type, error }, 'an event blocks what follows it until a repair');
};

type Item = Exclude<Feed, { kind: 'caught-up' }>;
export type Planned = { readonly work: readonly Work[]; readonly added: readonly Block[] };

const keyBlock = (id: string, { position, id: eventId, type }: Event, error: string): Block => {
  return { scope: 'key', id, position, eventId, type, error };
};
export const blockOfFailure = ({ key, event, error }: Failure): Block => keyBlock(key, event, describeError(error));

/** What a batch asks of a projection, and which keys and streams it blocks: whatever follows a blocked event in its stream or key waits. */
export const plan = (projection: Projection, blocks: Blocks, items: readonly Item[]): Planned => {
  const added: Block[] = [];
  const work: Work[] = [];
  const streams = new Set(blocks.streams.keys());
  const keys = new Set(blocks.keys.keys());
  const blockStream = (block: Omit<Block, 'scope' | 'error'>, error: unknown) => {
    if (streams.has(block.id)) return;
    streams.add(block.id);
    added.push({ scope: 'stream', ...block, error: describeError(error) });
  };
  const blockKey = (id: string, event: Event, error: string) => {
    if (keys.has(id)) return;
    keys.add(id);
    added.push(keyBlock(id, event, error));
  };
  for (const item of items) {
    if (item.kind === 'broken') {
      const { streamId: id, position, id: eventId, type, error } = item;
      blockStream({ id, position, eventId, type }, error);
      continue;
    }
    if (item.kind !== 'event') continue;
    const { event } = item;
    const { streamId: id, position, id: eventId, type } = event;
    try {
      const concerned = projection.keysOf(event);
      if (concerned.length === 0) continue;
      if (streams.has(id)) for (const key of concerned) blockKey(key, event, 'behind an event of its stream');
      for (const key of concerned) if (key.includes('\0')) blockKey(key, event, 'Postgres refuses a NUL in its key');
      const free = keys.size === 0 ? concerned : concerned.filter((key) => !keys.has(key));
      if (free.length > 0) work.push({ event, keys: free });
    } catch (error) {
      blockStream({ id, position, eventId, type }, error);
    }
  }
  return { work, added };
};

export const createBlocksTable = async (session: Session): Promise<void> => {
  await sql`create table if not exists projection_blocks (
    "table" text not null,
    scope text not null,
    id text not null,
    position bigint not null,
    event_id text not null,
    type text not null,
    error text not null,
    since timestamptz not null default now(),
    primary key ("table", scope, id)
  )`.execute(session);
  await sql`alter table projection_blocks add column if not exists since timestamptz not null default now()`.execute(session);
};

type BlockRow = Omit<Block, 'position' | 'eventId'> & { readonly position: string; readonly event_id: string };

export const readBlocks = async (session: Session, table: string): Promise<Block[]> => {
  const rows = await rowsOf(
    session,
    sql<BlockRow>`select scope, id, position::text as position, event_id, type, error from projection_blocks where "table" = ${table}`,
  );
  return rows.map(({ id, position, event_id, ...rest }) => ({
    ...rest,
    id: String(JSON.parse(id)),
    position: BigInt(position),
    eventId: event_id,
  }));
};

/** How many keys and streams are blocked, by table; tables without any are left out. */
export const blockedCounts = async (session: Session): Promise<Map<string, number>> => {
  const counts = await rowsOf(
    session,
    sql<{ table: string; count: number }>`select "table", count(*)::int as count from projection_blocks group by "table"`,
  );
  return new Map(counts.map(({ table, count }) => [table, count]));
};

/** Ids are kept as JSON text, because one that Postgres can't store as text may be what is wrong. */
export const insertBlocks = async (session: Session, table: string, blocks: readonly Block[]): Promise<void> => {
  for (const { scope, id, position, eventId, type, error } of blocks)
    await sql`insert into projection_blocks ("table", scope, id, position, event_id, type, error)
      values (${table}, ${scope}, ${JSON.stringify(id)}, ${position.toString()}, ${eventId}, ${type}, ${error}) on conflict do nothing`.execute(
      session,
    );
};

export const deleteBlocks = (session: Session, table: string): Promise<unknown> =>
  sql`delete from projection_blocks where "table" = ${table}`.execute(session);
