import type { FastifyPluginAsync } from 'fastify';
import type { BookingDeps } from '../book.ts';
import type { ApiDeps } from '../deps.ts';
import { availabilityByContract } from './availability.ts';
import { cancelByContract } from './cancel.ts';
import { create } from './create.ts';
import { estimatedWaitTime } from './estimated-wait-time.ts';
import { openForByContract } from './open-for.ts';
import { queueStatusByContract } from './queue-status.ts';
import { retrieve } from './retrieve.ts';

/** The contract of existing clients, under /engagement/v3. */
export const engagement =
  (deps: ApiDeps & BookingDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(create(deps));
    await app.register(cancelByContract(deps));
    await app.register(retrieve(deps));
    await app.register(availabilityByContract(deps));
    await app.register(openForByContract(deps));
    await app.register(queueStatusByContract(deps));
    await app.register(estimatedWaitTime(deps));
  };
