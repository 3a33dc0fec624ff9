import { createHmac } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import type { StartDemoService } from '../demo/demo.ts';
import { openLog } from '../log.ts';
import { keptSecretsKey } from './secrets-key-file.ts';
import { startService } from './start.ts';

const derived = (secretsKey: string, name: string) => createHmac('sha256', secretsKey).update(`demo ${name}`).digest('base64url');

/** The demo's own service: embedded stores in its folder, keys of its own that stay the same there, so that a repeated booking is known again, and always the simulated contact center. */
export const startDemoService: StartDemoService = async ({ clock, clockSpeed, dataDir, seed, agents }) => {
  await mkdir(dataDir, { recursive: true });
  const secretsKey = await keptSecretsKey(dataDir);
  const secret = (name: string) => derived(secretsKey, name);
  const [apiKey, adminToken, connectorKey] = [secret('api'), secret('admin'), secret('connector')];
  const config = readConfig({
    ...{ DATA_DIR: dataDir, PORT: '0', SIMULATOR: 'on', SIMULATOR_SEED: String(seed), LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    ...{ BOOTSTRAP_API_KEY: apiKey, BOOTSTRAP_ADMIN_TOKEN: adminToken, BOOTSTRAP_CONNECTOR_KEY: connectorKey },
    BOOTSTRAP_API_KEY_LIMITS: '1000000,1000000', // a whole day's callers are one client here
  });
  const log = openLog(config.LOG_LEVEL, pino.destination(2)); // standard output is the demo's
  const service = await startService({ config, clock, log, clockSpeed, agents });
  if (service.url === undefined) throw new Error('the demo needs a service with an API');
  return { url: service.url, apiKey, adminToken, agents: service.agents, close: service.close };
};
