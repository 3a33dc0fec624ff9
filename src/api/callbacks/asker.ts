import type { FastifyRequest } from 'fastify';
import type { Asker } from '../../domain/callback/view.ts';
import { principalOf } from '../auth/authenticate.ts';
import { isPermitted } from '../auth/permissions.ts';

/** Cancel, reschedule and the like: by users of the right roles, and by clients. */
export const mayChange = { user: ['callbackChanges', 'W'], client: 'callbacks' } as const;

/** The one who asks, as far as the answer depends on it. */
export const askerOf = (request: FastifyRequest): Asker => ({ mayChange: isPermitted(principalOf(request), mayChange) });
