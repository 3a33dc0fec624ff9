import type { Closing } from '../domain/business-day/closing.ts';
import { type Era, lastEnd, nextEnd, stillOf } from '../domain/business-day/eras.ts';
import type { BusinessHours } from '../domain/configuration/events.ts';
import { accumulate, configurationFact, DEFAULT_ROW, draftOf, initialConfiguration } from '../domain/configuration/state.ts';
import type { LiveView } from './live-view.ts';

/** When the business days of queues end (3.6). Instants are epoch ms. */
export type BusinessDaysView = LiveView & {
  /** When the next day ends that isn't recorded yet, past or ahead; null where none does. */
  readonly nextEnd: (queue: string) => number | null;
  /** The last day that has ended by `now` and isn't recorded yet, all those before it with it. */
  readonly unrecorded: (queue: string, now: number) => Closing | undefined;
  /** Every queue that has hours, or had; also one that is gone. */
  readonly queues: () => readonly string[];
  /** Takes over the last end of a day that was recorded. */
  readonly seed: (queue: string, closedAt: number) => void;
};

type Days = { readonly eras: readonly Era[]; readonly closed: number; next?: number | null };

export const businessDaysView = (): BusinessDaysView => {
  const configuration = draftOf(initialConfiguration);
  const queues = new Map<string, Days>();

  const hoursOf = (queue: string): BusinessHours | null => {
    const name = configuration.queues.get(queue)?.own.businessHours ?? configuration.queues.get(DEFAULT_ROW)?.own.businessHours;
    return (name == null ? undefined : configuration.businessHours.get(name)?.hours) ?? null;
  };
  const note = (queue: string, from: number): void => {
    if (queue === DEFAULT_ROW) return;
    const { eras, closed } = queues.get(queue) ?? { eras: [], closed: Number.NEGATIVE_INFINITY };
    const hours = configuration.queues.has(queue) ? hoursOf(queue) : null;
    if (eras.length === 0 ? hours !== null : eras.at(-1)?.hours !== hours) queues.set(queue, { eras: [...eras, { from, hours }], closed });
  };
  const close = (queue: string, closedAt: number): void => {
    const { eras, closed } = queues.get(queue) ?? { eras: [], closed: closedAt };
    const last = Math.max(closed, closedAt);
    queues.set(queue, { eras: stillOf(eras, last), closed: last });
  };

  return {
    name: 'business-days',
    nextEnd: (queue) => {
      const days = queues.get(queue);
      if (days === undefined) return null;
      if (days.next === undefined) days.next = nextEnd(days.eras, days.closed)?.closedAt ?? null;
      return days.next;
    },
    unrecorded: (queue, now) => {
      const { eras, closed } = queues.get(queue) ?? { eras: [], closed: now };
      return lastEnd(eras, closed, now);
    },
    queues: () => [...queues.keys()],
    seed: close,
    apply: (event) => {
      if (event.type === 'BusinessDayClosed') close(event.data.queue, Date.parse(event.data.closedAt));
      const fact = configurationFact(event);
      if (fact === undefined) return;
      accumulate(configuration, fact);
      const { type, data } = fact.event;
      const at = Date.parse(data.at);
      const of = 'queue' in data ? data.queue : undefined;
      if (typeof of === 'string' && of !== DEFAULT_ROW) note(of, at);
      else if (of === DEFAULT_ROW || type.startsWith('BusinessHours') || type === 'ImportCommitted')
        for (const queue of new Set([...configuration.queues.keys(), ...queues.keys()])) note(queue, at); // an import may have deleted some
    },
  };
};
