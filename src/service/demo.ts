import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { readConfig } from '../config.ts';
import type { StartDemoService } from '../demo/demo.ts';
import { openLog } from '../log.ts';
import { startService } from './start.ts';

const secret = () => randomBytes(32).toString('base64url');

/** The demo's own service: embedded stores in its folder, keys of its own at each start, and always the simulated contact center. */
export const startDemoService: StartDemoService = async ({ clock, clockSpeed, dataDir, seed, agents }) => {
  const [apiKey, adminToken, connectorKey] = [secret(), secret(), secret()];
  const config = readConfig({
    ...{ DATA_DIR: dataDir, PORT: '0', SIMULATOR: 'on', SIMULATOR_SEED: String(seed), LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    ...{ BOOTSTRAP_API_KEY: apiKey, BOOTSTRAP_ADMIN_TOKEN: adminToken, BOOTSTRAP_CONNECTOR_KEY: connectorKey },
  });
  const log = openLog(config.LOG_LEVEL, pino.destination(2)); // standard output is the demo's
  const service = await startService({ config, clock, log, clockSpeed, agents });
  if (service.url === undefined) throw new Error('the demo needs a service with an API');
  return { url: service.url, apiKey, adminToken, agents: service.agents, close: service.close };
};
