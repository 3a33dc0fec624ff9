import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { freshPostgresDir } from '../../support/postgres.ts';
import { build } from './built.ts';
import { type ContactCenter, startContactCenter } from './contact-center.ts';
import { type Answer, ask, freePort } from './http.ts';
import { type ServiceProcess, startService } from './service.ts';

export const QUEUE = 'support';

/** One service with a contact center beside it, on a folder of their own. `close` ends both. */
export type Stage = {
  readonly dataDir: string;
  readonly service: ServiceProcess;
  readonly center: ContactCenter;
  readonly close: () => Promise<void>;
};

/** A key for stores that aren't embedded. */
export const secretsKey = randomBytes(32).toString('base64');

/** Starts the service on `dataDir` (a new one with an empty embedded database if none is given), and waits until it is ready. */
export const startStage = async (options: {
  readonly seed: string;
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Stage> => {
  await build();
  const { seed, env = {}, dataDir = dirname(await freshPostgresDir()) } = options;
  const port = await freePort();
  const center = await startContactCenter({ dir: dataDir, serviceUrls: [`http://127.0.0.1:${port}`], queues: [QUEUE], seed, agents: 20 });
  const service = startService(port, { DATA_DIR: dataDir, ...center.env, ...env });
  const close = async () => {
    await service.end();
    await center.end();
  };
  try {
    await service.ready();
    return { dataDir, service, center, close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** The contract's operations on the stage's queue. */
export const callbacksOf = (url: string) => {
  const post = (operation: string, body: object): Promise<Answer | undefined> =>
    ask('client', 'POST', `${url}/engagement/v3/callbacks/${operation}`, body);
  let count = 0;
  return {
    book: (desiredTime?: string) => {
      count++;
      return post('create', { serviceName: QUEUE, phoneNumber: `+1212555${String(1_000 + count)}`, ...(desiredTime && { desiredTime }) });
    },
    retrieve: (id: string) => post('retrieve', { id }),
    cancel: (id: string) => post('cancel', { id }),
    history: (id: string) => ask('admin', 'GET', `${url}/api/callbacks/${id}/history`),
    list: () => ask('admin', 'GET', `${url}/api/callbacks`),
  };
};
