import { z } from 'zod';
import { type Configuration, DEFAULT_ROW } from '../../domain/configuration/state.ts';
import { switchEtag, switchOf } from '../../domain/configuration/stop-decider.ts';
import { isStopped, type StopSwitch } from '../../domain/configuration/stop-state.ts';
import { Failure } from '../errors/failure.ts';

const standing = {
  stopped: z.boolean(),
  reason: z.string().nullable().describe('Why, in words; null where nobody said'),
  by: z.string().nullable().describe('Who set it last; null where nobody ever did'),
  since: z.string().nullable().describe('Since when it stands so, UTC'),
};

/** The switch for all queues, as it is answered. */
export const stopForAll = z.object({ ...standing, etag: z.string() }).meta({ id: 'StopForAll' });

/** The switch of a queue, beside the one for all. */
export const stopOfQueue = z
  .object({
    queue: z.string(),
    ...standing,
    all: z.object(standing).describe('The switch for all queues'),
    dialing: z.boolean().describe('False while either switch stops it'),
    etag: z.string(),
  })
  .meta({ id: 'StopOfQueue' });

const shown = (found: StopSwitch | undefined) => ({
  ...{ stopped: found?.stopped ?? false, reason: found?.reason ?? null, by: found?.by ?? null, since: found?.since ?? null },
});

export const shownForAll = (configuration: Configuration): z.output<typeof stopForAll> => {
  const found = switchOf(configuration, null);
  return { ...shown(found), etag: switchEtag(found) };
};

/** A queue's switch in `configuration`; throws QUEUE_NOT_FOUND for one that isn't there, or that nobody books. */
export const shownOfQueue = (configuration: Configuration, queue: string): z.output<typeof stopOfQueue> => {
  if (queue === DEFAULT_ROW || !configuration.queues.has(queue)) throw new Failure('QUEUE_NOT_FOUND');
  const found = switchOf(configuration, queue);
  const all = shown(switchOf(configuration, null));
  return { queue, ...shown(found), all, dialing: !isStopped(configuration, queue), etag: switchEtag(found) };
};
