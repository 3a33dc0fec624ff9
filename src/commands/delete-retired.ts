import type { ConfigurationRefusal } from '../domain/configuration/decider.ts';
import { decideConfiguration } from '../domain/configuration/decider.ts';
import { accept } from '../domain/kit/decider.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { type Configured, decideOnConfiguration } from './configure.ts';

/** Deletes the row of a retired queue whose last callback is over (2.1), once: nothing for one that is gone, or takes bookings again. */
export const deleteRetired = (store: EventStore, queue: string, now: string, context: CommandContext): Promise<Configured> =>
  decideOnConfiguration<ConfigurationRefusal>(
    store,
    (state) =>
      state.queues.get(queue)?.retired === undefined
        ? accept()
        : decideConfiguration({ type: 'DeleteQueue', queue, openCallbacks: 0, precondition: { ifMatch: '*' }, now }, state),
    context,
  );
