import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { failureFrom } from '../../src/api/errors/from-error.ts';
import { readConfig } from '../../src/config.ts';
import { openKeys } from '../../src/service/open-keys.ts';
import { requestPoolOf } from '../../src/service/postgres-pool.ts';
import { noRealPostgres, startRealPostgres } from '../projections/kit/real-postgres.ts';
import { silent } from '../projections/kit/stack.ts';

it('a Postgres that takes connections and says nothing, as one that hangs, is waited for only so long', async () => {
  const sockets = new Set<Socket>();
  const hanging = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => {
    hanging.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(hanging, 'listening');
  const { port } = hanging.address() as AddressInfo; // of a TCP server
  const config = readConfig({
    KEYS_DATABASE_URL: `postgres://ringback:secret@127.0.0.1:${port}/keys`,
    SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
  });
  await expect(openKeys(config, silent)).rejects.toThrow(/timeout/);
});

it.skipIf(noRealPostgres !== undefined)(
  'a statement of a request that is not answered fails as an absent Postgres does, and its connection serves nobody after',
  async () => {
    const postgres = await startRealPostgres();
    onTestFinished(postgres.close);
    const pool = new pg.Pool({ ...requestPoolOf(postgres.connectionString, 100), max: 1 });
    pool.on('connect', (client) => client.on('error', () => undefined));
    onTestFinished(() => pool.end());
    const hanging = await pool.query('select pg_sleep(600)').catch((error: unknown) => error);
    expect(failureFrom(hanging, 0).error).toBe('READ_MODELS_UNAVAILABLE');
    expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
  },
);
