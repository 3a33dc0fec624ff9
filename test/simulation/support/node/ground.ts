import { dirname, join } from 'node:path';
import { pino } from 'pino';
import type { Clock } from '../../../../src/clock.ts';
import { type Config, readConfig } from '../../../../src/config.ts';
import { startEventStore } from '../../../../src/embedded/event-store/start.ts';
import { type EmbeddedPostgres, startPostgres } from '../../../../src/embedded/postgres/start.ts';
import { connectEventStore } from '../../../../src/eventstore/client.ts';
import type { EventStore } from '../../../../src/eventstore/event-store.ts';
import type { Keyring } from '../../../../src/keys/keyring.ts';
import { keyringSealer } from '../../../../src/keys/sealer.ts';
import { openKeys } from '../../../../src/service/open-keys.ts';
import { given } from '../../../service/running.ts';
import { freshPostgresDir } from '../../../support/postgres.ts';
import type { LogEnd } from './node-store.ts';

/** What outlives the nodes of a simulation: the event store, a Postgres, and the keys of personal data. */
export type Ground = {
  readonly config: Config;
  readonly clock: Clock;
  readonly connectionString: string;
  /** One for all nodes: the end of one client would leave others of this process without answers. */
  readonly store: EventStore;
  readonly keyring: Keyring;
  readonly postgres: () => EmbeddedPostgres;
  readonly logEnd: LogEnd;
  /** Closes the Postgres and starts an empty one: whoever starts next makes the read models anew, from the log. */
  readonly loseReadModels: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Lays it in a temporary folder. `env` is the nodes' environment, beside the keys that tests use. */
export const layGround = async (clock: Clock, env: Readonly<Record<string, string>>): Promise<Ground> => {
  const postgresDir = await freshPostgresDir();
  const dir = dirname(postgresDir);
  const config = readConfig({ PORT: '0', DATA_DIR: dir, ...given, ...env });
  const events = await startEventStore({ dir: join(dir, 'events') });
  const keyring = await openKeys(config, pino({ level: 'silent' }));
  const store = await connectEventStore(events.connectionString, keyringSealer(keyring));
  let postgres = await startPostgres({ dir: postgresDir });
  return {
    ...{ config, clock, connectionString: events.connectionString, store, keyring, postgres: () => postgres, logEnd: { position: -1n } },
    loseReadModels: async () => {
      await postgres.close();
      postgres = await startPostgres({ dir: await freshPostgresDir() });
    },
    close: async () => {
      await store.close();
      await keyring.close();
      await Promise.all([postgres.close(), events.close()]);
    },
  };
};
