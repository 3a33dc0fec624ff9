import { type Configuration, configurationFact, evolve, initialConfiguration } from '../domain/configuration/state.ts';
import type { LiveView } from './live-view.ts';

/** The configuration in force, as every node follows it (1.14). */
export type ConfigurationView = LiveView & { readonly current: () => Configuration };

export const configurationView = (): ConfigurationView => {
  let current = initialConfiguration;
  return {
    name: 'configuration',
    current: () => current,
    apply: (event) => {
      const fact = configurationFact(event);
      if (fact !== undefined) current = evolve(current, fact);
    },
  };
};
