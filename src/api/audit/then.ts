import type { DomainEvent } from '../../domain/catalogue.ts';
import { CONFIGURATION_STREAM } from '../../domain/configuration/events.ts';
import { accumulate, type Configuration, configurationFact, draftOf, initialConfiguration } from '../../domain/configuration/state.ts';
import type { Recorded } from '../../domain/kit/events.ts';
import type { EventStore } from '../../eventstore/event-store.ts';
import type { Until } from './query.ts';

/** The events of one stream up to then, personal data opened if wanted. */
export async function* eventsUntil(
  store: Pick<EventStore, 'readStream'>,
  streamId: string,
  until: Until,
  personal = false,
): AsyncGenerator<Recorded<DomainEvent>> {
  for await (const event of store.readStream(streamId, { personal })) {
    if ('position' in until ? event.position > until.position : Date.parse(event.data.at) > until.instant) return;
    yield event;
  }
}

/** The configuration that was in force then, with the position of its last change. */
export const configurationUntil = async (
  store: Pick<EventStore, 'readStream'>,
  until: Until,
): Promise<{ readonly configuration: Configuration; readonly position: bigint | undefined }> => {
  const configuration = draftOf(initialConfiguration);
  let position: bigint | undefined;
  for await (const event of eventsUntil(store, CONFIGURATION_STREAM, until)) {
    const fact = configurationFact(event);
    if (fact !== undefined) accumulate(configuration, fact);
    position = event.position;
  }
  return { configuration, position };
};
