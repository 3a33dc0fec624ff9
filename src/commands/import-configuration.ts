import { decideImport, type ImportRefusal } from '../domain/configuration/import-decider.ts';
import type { ImportCommand } from '../domain/configuration/import-wanted.ts';
import type { ConfigurationChange } from '../domain/configuration/imports.ts';
import { appendsOf } from '../domain/configuration/large-change.ts';
import type { Configuration } from '../domain/configuration/state.ts';
import { accept } from '../domain/kit/decider.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { Appended, EventStore } from '../eventstore/event-store.ts';
import { type Configured, decideOnConfiguration } from './configure.ts';
import type { SoFar } from './decide-on.ts';

export type Imported = Configured<ImportRefusal> & { readonly changes: readonly ConfigurationChange[] };

/** A store that takes changes of the configuration of any size: another writer who comes between the parts of one is a conflict. */
const takingLarge = (store: EventStore, appends: () => ReturnType<typeof appendsOf>): EventStore => ({
  ...store,
  append: async (streamId, events, expected, context) => {
    const [first = events, ...others] = appends();
    let appended: Appended = await store.append(streamId, first, expected, context);
    for (const part of others) {
      if (!appended.ok) return appended;
      appended = await store.append(streamId, part, appended.revision, context);
    }
    return appended;
  },
});

/**
 * Carries out an import (2.5), all of it or nothing, however large; with `dryRun` only says what it would change. A large one that is cut
 * off in the middle has no effect. `changes`: what it changed, or would.
 */
export const importConfiguration = async (
  store: EventStore,
  command: ImportCommand,
  { dryRun, newId }: { readonly dryRun: boolean; readonly newId: () => string },
  context: CommandContext,
  soFar?: SoFar<Configuration>,
): Promise<Imported> => {
  let changes: readonly ConfigurationChange[] = [];
  let appends: ReturnType<typeof appendsOf> = [];
  const imported = await decideOnConfiguration<ImportRefusal>(
    takingLarge(store, () => {
      appends = appendsOf(changes, newId(), command.now);
      return appends;
    }),
    (state) => {
      const decision = decideImport(command, state);
      changes = decision.ok ? decision.events : [];
      return decision.ok && dryRun ? accept() : decision;
    },
    context,
    soFar,
  );
  if (!imported.ok || appends.length <= 1) return { ...imported, changes };
  // A large one gives its rows other revisions than ordinary events would: the stream itself tells.
  const recorded = await decideOnConfiguration<ImportRefusal>(store, () => accept(), context, soFar);
  return { ...(recorded.ok ? { ...imported, configuration: recorded.configuration } : imported), changes };
};
