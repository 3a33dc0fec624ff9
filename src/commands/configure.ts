import { mayRead, type Reads } from '../domain/access/reads.ts';
import { type ConfigurationCommand, type ConfigurationRefusal, decideConfiguration } from '../domain/configuration/decider.ts';
import { CONFIGURATION_STREAM, type ConfigurationEvent } from '../domain/configuration/events.ts';
import { type Configuration, configurationFact, DEFAULT_ROW, evolve, initialConfiguration } from '../domain/configuration/state.ts';
import { type Decision, refuse } from '../domain/kit/decider.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore, StreamPlace } from '../eventstore/event-store.ts';
import { ContendedError } from './handle.ts';

const ATTEMPTS = 10;

export type Configured<R = ConfigurationRefusal> =
  | { readonly ok: true; readonly configuration: Configuration; readonly position: bigint | undefined; readonly changed: boolean }
  | { readonly ok: false; readonly refusal: R };

/** Decides a configuration change on the stream's own fold, and appends it at the revision read; decides anew on conflict. */
export const decideOnConfiguration = async <R>(
  store: EventStore,
  decide: (configuration: Configuration) => Decision<ConfigurationEvent, R>,
  context: CommandContext,
): Promise<Configured<R>> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    let configuration = initialConfiguration;
    let revision: bigint | undefined;
    let position: bigint | undefined;
    const unknown = (at: StreamPlace): void => {
      ({ revision, position } = at);
    };
    for await (const event of store.readStream(CONFIGURATION_STREAM, { unknown })) {
      const fact = configurationFact(event);
      if (fact !== undefined) configuration = evolve(configuration, fact);
      ({ revision, position } = event);
    }
    const decision = decide(configuration);
    if (!decision.ok) return { ok: false, refusal: decision.refusal };
    const { events } = decision;
    if (events.length === 0) return { ok: true, configuration, position, changed: false };
    const appended = await store.append(CONFIGURATION_STREAM, events, revision ?? 'no-stream', context);
    if (!appended.ok) continue;
    const first = appended.revision - BigInt(events.length - 1);
    const after = events.reduce(
      (state, event, index) => evolve(state, { event, revision: first + BigInt(index), by: context.actor.name }),
      configuration,
    );
    return { ok: true, configuration: after, position: appended.position, changed: true };
  }
  throw new ContendedError(`configuration: another writer came first ${ATTEMPTS} times`);
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
): Promise<Configured> =>
  decideOnConfiguration<ConfigurationRefusal>(
    store,
    (configuration) => (isHidden(configuration, command, reads) ? hiddenRow(command) : decideConfiguration(command, configuration)),
    context,
  );
