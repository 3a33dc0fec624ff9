import { programs } from './built.ts';
import { type Child, startChild } from './child.ts';
import { ask, secrets } from './http.ts';
import { PATIENCE_MS, until } from './until.ts';

/** The whole service as a process of its own. */
export type ServiceProcess = Child & { readonly url: string; readonly ready: () => Promise<void> };

export const isReady = async (url: string): Promise<boolean> => (await ask('admin', 'GET', `${url}/health/ready`))?.status === 200;

/** Starts the built service on `port` without a simulator; `env` names its stores and its contact center. `program` is run in its place. */
export const startService = (
  port: number,
  env: Readonly<Record<string, string>>,
  program: readonly string[] = [programs.service, 'serve'],
): ServiceProcess => {
  const child = startChild(program, {
    PORT: String(port),
    SIMULATOR: 'off',
    LOG_LEVEL: 'info',
    BOOTSTRAP_API_KEY: secrets.apiKey,
    BOOTSTRAP_API_KEY_LIMITS: '1000000,1000000',
    BOOTSTRAP_ADMIN_TOKEN: secrets.adminToken,
    BOOTSTRAP_CONNECTOR_KEY: secrets.connectorKey,
    ...env,
  });
  const url = `http://127.0.0.1:${port}`;
  const ready = async () => {
    await until(`${url} is ready`, PATIENCE_MS, () => {
      if (!child.isRunning()) throw new Error(`the service ended early:\n${child.said.slice(-10).join('\n')}`);
      return isReady(url);
    });
  };
  return { ...child, url, ready };
};

/** Short limits, so that every way a callback can go is gone in seconds. */
export const shortSettings = {
  placeWithinSeconds: 1,
  ringLimitSeconds: 5,
  reportLimitSeconds: 5,
  dialRetryMinutes: 0.01,
  maxDialAttempts: 2,
  slotDurationMinutes: 5,
};

/** Makes or replaces a queue's row. */
export const putQueue = async (url: string, queue: string, settings: object = {}): Promise<void> => {
  const row = { businessHours: 'always', callbackApplication: 'ringback', ...shortSettings, ...settings };
  const put = (precondition: Record<string, string>) => ask('admin', 'PUT', `${url}/api/queue-settings/${queue}`, row, precondition);
  const made = await put({ 'if-none-match': '*' });
  const answer = made?.status === 412 ? await put({ 'if-match': '*' }) : made;
  if (answer === undefined || answer.status > 201) throw new Error(`settings of ${queue}: ${JSON.stringify(answer)}`);
};
