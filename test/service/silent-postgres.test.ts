import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { openKeys } from '../../src/service/open-keys.ts';
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
