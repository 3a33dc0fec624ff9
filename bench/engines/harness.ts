import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { iso } from '../../src/clock.ts';
import { attemptIdOf, type CallbackEvent, callbackStream } from '../../src/domain/callback/events.ts';
import type { DomainEvent } from '../../src/domain/catalogue.ts';
import { DISPATCH_STREAM } from '../../src/domain/dispatch/events.ts';
import { startEventStore } from '../../src/embedded/event-store/start.ts';
import { startPostgres } from '../../src/embedded/postgres/start.ts';
import { connectEventStore } from '../../src/eventstore/client.ts';
import type { CommandContext } from '../../src/eventstore/codec.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { openKeyring } from '../../src/keys/keyring.ts';
import { lmdbKeyStore } from '../../src/keys/lmdb-key-store.ts';
import { keyringSealer } from '../../src/keys/sealer.ts';
import { processModel, type TodoChanges } from '../../src/processes/kit/process-model.ts';
import type { Database } from '../../src/projections/kit/database.ts';
import { tableModel } from '../../src/projections/kit/model.ts';
import { pipelined } from '../../src/projections/kit/pipelined.ts';
import { allProcesses, allProjections } from '../../test/laws/discover.ts';
import { example } from '../../test/laws/example.ts';
import { figuresOf } from '../kit/figure.ts';
import { withFolder } from '../kit/service.ts';

export const figure = figuresOf('engines');

export const quiet = pino({ level: 'error' }, pino.destination(2));

/** Every model that the service has. */
export const allModels = (changed?: (changes: TodoChanges) => void) => [
  ...allProjections.map(tableModel),
  ...allProcesses.map((process) => processModel(process, changed)),
];

export type Stack = {
  readonly store: EventStore;
  readonly client: EventStoreDBClient;
  readonly db: Database;
  readonly takeKey: () => Promise<string>;
};

/** Embedded stores of their own, with keys, in a folder that is removed afterwards. `DATABASE_URL` names a real Postgres instead. */
export const withStack = (run: (stack: Stack) => Promise<void>): Promise<void> =>
  withFolder(async (dir) => {
    const server = await startEventStore({ dir: join(dir, 'events') });
    const { DATABASE_URL } = process.env;
    const postgres = DATABASE_URL === undefined ? await startPostgres({ dir: join(dir, 'postgres') }) : undefined;
    const keyring = await openKeyring({
      store: await lmdbKeyStore({ dir: join(dir, 'keys') }),
      secretsKey: randomBytes(32).toString('base64'),
    });
    const store = await connectEventStore(server.connectionString, keyringSealer(keyring));
    const client = EventStoreDBClient.connectionString(server.connectionString);
    const pool = new pg.Pool(postgres?.poolConfig ?? { connectionString: DATABASE_URL, max: 10, pipeline: true });
    const plain = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    const db = pipelined(pool, plain);
    try {
      await run({ store, client, db, takeKey: async () => (await keyring.takeKey()).keyId });
    } finally {
      await plain.destroy();
      await client.dispose();
      await store.close();
      await keyring.close();
      await postgres?.close();
      await server.close();
    }
  });

export const context = (): CommandContext => {
  const id = randomUUID();
  return { commandId: id, correlationId: id, causationId: id, actor: { kind: 'client', id: 'bench', name: 'bench' } };
};

const START = Date.UTC(2026, 0, 1);

/** A booking as the API records one, with its personal fields. */
export const booking = (n: number, keyId: string, desiredTime = iso(START + n * 1_000)): CallbackEvent =>
  example('CallbackBooked', {
    queue: `q${n % 50}`,
    kind: 'SCHEDULED',
    desiredTime,
    language: 'en-US',
    number: { country: 'US', callingCode: '1', area: '518', type: 'FIXED_LINE_OR_MOBILE' },
    keyId,
    phoneNumber: `+1518555${String(n % 10_000).padStart(4, '0')}`,
    userData: { account: String(n), topic: 'an order that has not come yet', language: 'en' },
    at: iso(START + n * 1_000),
  });

/** What becomes of one callback that goes well: eight events, one of them in the dispatch stream. */
export const lifeOf = (n: number, keyId: string): { id: string; own: DomainEvent[]; decision: DomainEvent; rest: DomainEvent[] } => {
  const id = `bench-${n}`;
  const queue = `q${n % 50}`;
  const attemptId = attemptIdOf(id, 1);
  const at = (seconds: number) => iso(START + (n + seconds) * 1_000);
  const placing = { queue, attemptId, attempt: 1, placeBy: at(40) };
  return {
    id,
    own: [booking(n, keyId), example('CallbackQueued', { queue, at: at(10) })],
    decision: example('AttemptDecided', { ...placing, callbackId: id, at: at(20) }),
    rest: [
      example('CallbackAttemptStarted', { ...placing, at: at(21) }),
      example('CallbackAttemptPlaced', { queue, attemptId, at: at(22) }),
      example('CallbackAttemptAnswered', { queue, attemptId, at: at(30) }),
      example('CallbackConnected', { queue, attemptId, agentId: 'a1', at: at(32) }),
      example('CallbackCompleted', { queue, reason: 'AGENT', stateBefore: 'PROCESSING', endedBy: 'AGENT', at: at(90) }),
    ],
  };
};

/** Appends the lives of callbacks, each in its order, many at once. Answers how many events that were. */
export const appendLives = async ({ store, takeKey }: Stack, count: number, lanes = 64): Promise<number> => {
  let next = 0;
  let events = 0;
  const lane = async () => {
    while (next < count) {
      const { id, own, decision, rest } = lifeOf(next++, await takeKey());
      await store.append(callbackStream(id), own, 'any', context());
      await store.append(DISPATCH_STREAM, [decision], 'any', context());
      await store.append(callbackStream(id), rest, 'any', context());
      events += own.length + 1 + rest.length;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return events;
};
