import { configurationEvents } from '../domain/configuration/events.ts';
import type { LiveView } from './live-view.ts';

/** Events that move the waits of a queue, and with them when its scheduled callbacks start. */
const MOVES_WAITS = new Set([
  'CallbackQueued',
  'CallbackAttemptFailed',
  'CallbackAttemptWithdrawn',
  'CallbackConnected',
  'CallbackCancelled',
  'CallbackCompleted',
]);

/** Says when what is due may have moved: once for all events folded in one go. */
export const offsetChangesView = (changed: () => void): LiveView => {
  let announced = false;
  return {
    name: 'offset-changes',
    apply: ({ type }) => {
      if (announced || !(type in configurationEvents || MOVES_WAITS.has(type))) return;
      announced = true;
      setImmediate(() => {
        announced = false;
        changed();
      });
    },
  };
};
