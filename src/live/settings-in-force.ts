import { columnDefaults, type Settings } from '../domain/configuration/columns.ts';
import { type Configuration, settingsOf } from '../domain/configuration/state.ts';

/** The settings in force of each queue (1.14), made once for each configuration; the product's for a queue that isn't there any more. */
export const settingsInForce = (configuration: () => Configuration): ((queue: string) => Settings) => {
  let of: Configuration | undefined;
  const made = new Map<string, Settings>();
  return (queue) => {
    const current = configuration();
    if (current !== of) made.clear();
    of = current;
    const known = made.get(queue) ?? settingsOf(current, queue) ?? columnDefaults;
    made.set(queue, known);
    return known;
  };
};
