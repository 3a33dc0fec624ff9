import type { DomainEvent } from '../catalogue.ts';
import type { Recorded } from '../kit/events.ts';
import type { ColumnName, OwnSettings, Settings } from './columns.ts';
import { columnDefaults, columns } from './columns.ts';
import { type BusinessHours, type ConfigurationEvent, configurationEvents, type HoursChanges } from './events.ts';
import { isRuleEvent } from './rule-events.ts';
import { evolveRules, initialRules, type Rules, withoutQueue } from './rule-state.ts';

/** One queue's row: its own values, and who changed it last. `revision` is that of the change, and makes the row's etag. */
export type QueueRow = { readonly own: OwnSettings; readonly updatedAt: string; readonly updatedBy: string; readonly revision: bigint };

/** A calendar, and who changed it last; see `QueueRow`. */
export type BusinessHoursRow = {
  readonly hours: BusinessHours;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly revision: bigint;
};

/** What the stream `configuration` gives. */
export type Configuration = {
  readonly queues: ReadonlyMap<string, QueueRow>;
  readonly businessHours: ReadonlyMap<string, BusinessHoursRow>;
  readonly rules: Rules;
};

export const DEFAULT_ROW = 'default';
export const initialConfiguration: Configuration = { queues: new Map(), businessHours: new Map(), rules: initialRules };

const names = Object.keys(columns).filter((name): name is ColumnName => name in columns);

/** Stored values that today's columns accept; a column that is gone, or a value out of today's bounds, counts as inherited. */
const known = (stored: Readonly<Record<string, unknown>>): OwnSettings =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = columns[name].safeParse(stored[name]);
      return value.success ? [[name, value.data]] : [];
    }),
  );

const changed = (own: OwnSettings, changes: Readonly<Record<string, { after?: unknown }>>): OwnSettings => {
  const after = Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, change.after]));
  return known({ ...own, ...after });
};

const closed: BusinessHours = { zone: 'UTC', weekly: {}, exceptions: [], holidays: [] };

const changedHours = (before: BusinessHours, { zone, weekly, exceptions, holidays }: HoursChanges): BusinessHours => ({
  zone: zone?.after ?? before.zone,
  weekly: weekly?.after ?? before.weekly,
  exceptions: exceptions?.after ?? before.exceptions,
  holidays: holidays?.after ?? before.holidays,
});

/** A change as the fold needs it: the event, its revision, and who made it. */
export type ConfigurationFact = { readonly event: ConfigurationEvent; readonly revision: bigint; readonly by: string };

const isOwn = (event: Recorded<DomainEvent>): event is Recorded<DomainEvent> & ConfigurationEvent => event.type in configurationEvents;

/** A logged event as a configuration fact; undefined for one of another kind. */
export const configurationFact = (event: Recorded<DomainEvent>): ConfigurationFact | undefined =>
  isOwn(event) ? { event, revision: event.revision, by: event.metadata.actor.name } : undefined;

/** Folds one configuration change. */
export const evolve = (state: Configuration, { event, revision, by }: ConfigurationFact): Configuration => {
  const withRow = (queue: string, own: OwnSettings): Configuration => ({
    ...state,
    queues: new Map(state.queues).set(queue, { own, updatedAt: event.data.at, updatedBy: by, revision }),
  });
  const withHours = (name: string, hours: BusinessHours): Configuration => ({
    ...state,
    businessHours: new Map(state.businessHours).set(name, { hours, updatedAt: event.data.at, updatedBy: by, revision }),
  });
  if (isRuleEvent(event)) return { ...state, rules: evolveRules(state.rules, event, revision, by) };
  switch (event.type) {
    case 'BusinessHoursCreated':
      return withHours(event.data.name, event.data.hours);
    case 'BusinessHoursChanged': {
      const { name, changes } = event.data;
      return withHours(name, changedHours(state.businessHours.get(name)?.hours ?? closed, changes));
    }
    case 'BusinessHoursDeleted': {
      const businessHours = new Map(state.businessHours);
      businessHours.delete(event.data.name);
      return { ...state, businessHours };
    }
    case 'QueueCreated':
      return withRow(event.data.queue, known(event.data.settings));
    case 'QueueSettingsChanged':
      return withRow(event.data.queue, changed(state.queues.get(event.data.queue)?.own ?? {}, event.data.changes));
    case 'QueueDeleted': {
      const queues = new Map(state.queues);
      queues.delete(event.data.queue);
      return { ...state, queues, rules: withoutQueue(state.rules, event.data.queue) };
    }
  }
};

/** A queue's values in force (2.1): its own, else the default row's, else the product's; undefined for a queue that doesn't exist. */
export const settingsOf = (configuration: Configuration, queue: string): Settings | undefined => {
  const row = configuration.queues.get(queue);
  return row && { ...columnDefaults, ...configuration.queues.get(DEFAULT_ROW)?.own, ...row.own };
};

/** Queues that can be booked: every row but `default`. */
export const bookableQueues = (configuration: Configuration): readonly string[] =>
  [...configuration.queues.keys()].filter((queue) => queue !== DEFAULT_ROW).sort();

/** The columns whose value a queue inherits. */
export const inheritedColumns = (own: OwnSettings): readonly ColumnName[] => names.filter((name) => own[name] === undefined);
