import { Registry } from 'prom-client';
import { buildApi } from '../../../../src/api/app.ts';
import { readConfig } from '../../../../src/config.ts';
import { accessView } from '../../../../src/live/access.ts';
import { followLive } from '../../../../src/live/follow.ts';
import { openSignIn } from '../../../../src/service/sign-in.ts';
import { CHEAP, type TestApi } from '../../support/service.ts';

const REAL_MS = 10_000;

/** A second node on the same stores: it follows access, and keeps what it knows of sessions, by itself. */
export const anotherNode = async ({ deps, store, clock }: TestApi) => {
  const access = accessView();
  const live = followLive(store, [{ view: access, after: undefined }], { log: deps.log, applied: () => undefined });
  await live.caughtUp;
  const signIn = openSignIn(readConfig({}), { db: deps.readModels.db, hash: deps.commands.keys.hash, clock, log: deps.log, cost: CHEAP });
  const liveWaitFor = (position: bigint) => live.waitFor(position, REAL_MS);
  const app = await buildApi({ ...deps, access, liveWaitFor, signIn: signIn.deps }, { version: '0.0.0', registry: new Registry() });
  return {
    url: await app.listen({ host: '127.0.0.1', port: 0 }),
    settle: async () => {
      const last = await store.lastPosition();
      if (last !== undefined) await live.waitFor(last, REAL_MS);
    },
    close: async () => {
      await app.close();
      signIn.close();
      await live.close();
    },
  };
};
