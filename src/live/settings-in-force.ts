import { columnDefaults, type Settings } from '../domain/configuration/columns.ts';
import { type Configuration, DEFAULT_ROW, settingsOf } from '../domain/configuration/state.ts';

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

/** When what a queue's settings are changed last, by its own row or the `default` one (epoch ms). */
export const settingsChangedAt = ({ queues }: Configuration, queue: string): number => {
  const changes = [queues.get(queue), queues.get(DEFAULT_ROW)].map((row) => (row === undefined ? 0 : Date.parse(row.updatedAt)));
  return Math.max(...changes);
};
