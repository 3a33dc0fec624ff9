import type { FastifyInstance } from 'fastify';

/** When API keys were last used, as far as nodes have written it down. Instants are UTC text. */
export type KeyUses = {
  /** Takes note of a use at `now` (epoch ms); written behind the requests. */
  readonly used: (apiKeyId: string, now: number) => void;
  /** By id; none for a key that was never used, and none at all while Postgres is away. */
  readonly lastUsed: (apiKeyIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
};

/** Notes which keys the requests of a door came with. */
export const noteKeyUses = (app: FastifyInstance, keyUses: KeyUses, now: () => number): void => {
  app.addHook('onResponse', async ({ principal }) => {
    if (principal?.kind === 'client') keyUses.used(principal.id, now());
  });
};
