import type { FastifyPluginAsync } from 'fastify';
import type { BookingDeps } from '../book.ts';
import type { ApiDeps } from '../deps.ts';
import { actions } from './actions.ts';
import { bookAsUser } from './book.ts';
import { takeOver } from './import.ts';
import { listCallbacks } from './list.ts';
import { oneCallback } from './one.ts';
import { recreate } from './recreate.ts';

/** /api/callbacks. */
export const callbacks =
  (deps: ApiDeps & BookingDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(listCallbacks(deps));
    await app.register(bookAsUser(deps));
    await app.register(oneCallback(deps));
    await app.register(actions(deps));
    await app.register(recreate(deps));
    await app.register(takeOver(deps));
  };
