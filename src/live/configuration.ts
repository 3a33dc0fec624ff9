import type { SoFar } from '../commands/decide-on.ts';
import {
  accumulate,
  type Configuration,
  type ConfigurationDraft,
  configurationFact,
  draftOf,
  initialConfiguration,
} from '../domain/configuration/state.ts';
import type { StreamPlace } from '../eventstore/event-store.ts';
import type { LiveView } from './live-view.ts';

/** The configuration in force, as every node follows it (1.14). What is handed out never changes any more. `soFar`: with the place of its last change. */
export type ConfigurationView = LiveView & { readonly current: () => Configuration; readonly soFar: SoFar<Configuration> };

export const configurationView = (): ConfigurationView => {
  let draft: ConfigurationDraft = draftOf(initialConfiguration);
  let at: StreamPlace | undefined;
  /** Whether the draft was handed out: it is copied before the next change, so once for all changes between two looks. */
  let isShared = false;
  const current = (): Configuration => {
    isShared = true;
    return draft;
  };
  return {
    name: 'configuration',
    current,
    soFar: () => ({ state: current(), revision: at?.revision, position: at?.position }),
    apply: (event) => {
      const fact = configurationFact(event);
      if (fact === undefined) return;
      if (isShared) draft = draftOf(draft);
      isShared = false;
      accumulate(draft, fact);
      at = { revision: event.revision, position: event.position };
    },
  };
};
