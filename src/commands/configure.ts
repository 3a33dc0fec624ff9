import { mayRead, type Reads } from '../domain/access/reads.ts';
import { type ConfigurationCommand, type ConfigurationRefusal, decideConfiguration } from '../domain/configuration/decider.ts';
import { CONFIGURATION_STREAM, type ConfigurationEvent } from '../domain/configuration/events.ts';
import {
  accumulate,
  type Configuration,
  configurationFact,
  DEFAULT_ROW,
  draftOf,
  initialConfiguration,
} from '../domain/configuration/state.ts';
import { type Decision, refuse } from '../domain/kit/decider.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';
import { decideOn, type FactStream, type SoFar } from './decide-on.ts';
import { draftFolder } from './handle.ts';

export type Configured<R = ConfigurationRefusal> =
  | { readonly ok: true; readonly configuration: Configuration; readonly position: bigint | undefined; readonly changed: boolean }
  | { readonly ok: false; readonly refusal: R };

const configurationStream: FactStream<Configuration, ConfigurationEvent> = {
  streamId: CONFIGURATION_STREAM,
  factOf: configurationFact,
  folder: draftFolder(initialConfiguration, draftOf, accumulate),
};

/** Decides a configuration change on the stream's own fold, and appends it at the revision read; decides anew on conflict. */
export const decideOnConfiguration = async <R>(
  store: EventStore,
  decide: (configuration: Configuration) => Decision<ConfigurationEvent, R>,
  context: CommandContext,
  soFar?: SoFar<Configuration>,
): Promise<Configured<R>> => {
  const decided = await decideOn(store, configurationStream, decide, context, soFar);
  if (!decided.ok) return decided;
  const { state: configuration, ...rest } = decided;
  return { ...rest, configuration };
};

const isHidden = ({ queues }: Configuration, command: ConfigurationCommand, reads: Reads): boolean =>
  'queue' in command && command.queue !== DEFAULT_ROW && queues.has(command.queue) && !mayRead(reads, command.queue);

/** A row that doesn't exist for the one who asks (8.2) isn't there to be deleted or edited; but its name is taken. */
const hiddenRow = ({ type }: ConfigurationCommand) =>
  refuse({ code: type === 'DeleteQueue' ? ('UNKNOWN_QUEUE' as const) : ('PRECONDITION_FAILED' as const) });

/** Carries out a command on queues. `reads`: the queues of the one who asks. */
export const configure = (
  store: EventStore,
  command: ConfigurationCommand,
  context: CommandContext,
  reads: Reads = 'all',
  soFar?: SoFar<Configuration>,
): Promise<Configured> =>
  decideOnConfiguration<ConfigurationRefusal>(
    store,
    (configuration) => (isHidden(configuration, command, reads) ? hiddenRow(command) : decideConfiguration(command, configuration)),
    context,
    soFar,
  );
