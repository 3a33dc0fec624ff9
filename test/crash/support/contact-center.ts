import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Child, startChild } from './child.ts';
import { secrets } from './http.ts';

const program = fileURLToPath(new URL('../../support/recording-connector.ts', import.meta.url));

const entry = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('place'),
    at: z.number(),
    attemptId: z.string(),
    callbackId: z.string(),
    placeBy: z.number(),
    rings: z.boolean(),
    phoneNumber: z.string(),
  }),
  z.object({ kind: z.literal('withdraw'), at: z.number(), attemptId: z.string() }),
  z.object({ kind: z.literal('over'), at: z.number(), attemptId: z.string(), how: z.string() }),
  z.object({ kind: z.literal('told'), at: z.number(), attemptId: z.string(), report: z.string(), status: z.number() }),
  z.object({ kind: z.literal('unreadable'), at: z.number() }),
]);
/** What the contact center wrote down; instants are epoch ms. `rings`: it took the attempt, and the customer's phone may ring. */
export type Recorded = z.output<typeof entry>;

export type ContactCenter = Child & {
  /** What the service needs to know of it. */
  readonly env: { readonly CONNECTOR_URL: string; readonly CONNECTOR_SECRET: string };
  readonly record: () => readonly Recorded[];
};

/** Starts the recording contact center; what it records is kept in `dir`. */
export const startContactCenter = async (options: {
  readonly dir: string;
  readonly serviceUrls: readonly string[];
  readonly queues: readonly string[];
  readonly seed: string;
  readonly agents: number;
}): Promise<ContactCenter> => {
  const { dir, serviceUrls, queues, seed, agents } = options;
  const file = join(dir, 'contact-center.jsonl');
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const child = startChild(['--import', 'tsx', program], {
    RECORD_FILE: file,
    CONNECTOR_SECRET: secret,
    CONNECTOR_KEY: secrets.connectorKey,
    SERVICE_URLS: serviceUrls.join(','),
    QUEUES: queues.join(','),
    AGENTS: String(agents),
    SEED: seed,
  });
  const url = await child.says(/^(http:\S+)$/);
  return {
    ...child,
    env: { CONNECTOR_URL: url, CONNECTOR_SECRET: secret },
    record: () =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n')
            .slice(0, -1) // the last line may still be written
            .map((line) => entry.parse(JSON.parse(line)))
        : [],
  };
};
