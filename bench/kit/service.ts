import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openLog } from '../../src/log.ts';
import { type Service, startService } from '../../src/service/start.ts';

const KEY = 'bench-bench-bench-bench-bench-bench-bench';
const TOKEN = 'token-token-token-token-token-token-token';
export const CONNECTOR_KEY = 'center-center-center-center-center-center';

/** Headers of those who ask. */
export const asClient = { 'x-api-key': KEY };
export const asAdmin = { authorization: `Bearer ${TOKEN}` };
export const asCenter = { 'x-api-key': CONNECTOR_KEY };

/** Runs a benchmark in a folder of its own, which is removed afterwards. */
export const withFolder = async <T>(run: (dir: string) => Promise<T>): Promise<T> => {
  const dir = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    return await run(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

/**
 * A service on embedded stores in `dir`, without a contact center unless `settings` name one; the limits of its API key are far above any
 * load. It is closed afterwards.
 */
export const withService = async <T>(
  dir: string,
  run: (service: Service) => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> => {
  const config = readConfig({
    ...{ DATA_DIR: join(dir, 'data'), PORT: '0', SIMULATOR: 'off', LOG_LEVEL: 'error' },
    ...{ BOOTSTRAP_API_KEY: KEY, BOOTSTRAP_ADMIN_TOKEN: TOKEN, BOOTSTRAP_CONNECTOR_KEY: CONNECTOR_KEY },
    BOOTSTRAP_API_KEY_LIMITS: '100000000,100000000',
    ...settings,
  });
  const service = await startService({ config, clock: startClock(), log: openLog('error') });
  try {
    return await run(service);
  } finally {
    await service.close();
  }
};
