import type { DomainEvent } from '../catalogue.ts';
import type { Recorded } from '../kit/events.ts';
import type { ColumnName, OwnSettings, Settings } from './columns.ts';
import { columnDefaults, columns } from './columns.ts';
import { type BusinessHours, type ConfigurationEvent, configurationEvents, type HoursChanges } from './events.ts';
import { type ConfigurationChange, changesMadeBy, type Importing } from './imports.ts';
import { isRuleEvent } from './rule-events.ts';
import { accumulateRules, initialRules, type Rules, type RulesDraft, rulesDraftOf } from './rule-state.ts';
import { isStopEvent } from './stop-events.ts';
import { accumulateStops, type StopSwitch, type Stops } from './stop-state.ts';

/**
 * One queue's row: its own values, and who changed it last. `revision` is that of the change, and makes the row's etag. One that is retired
 * (2.1) takes no bookings, and inherits nothing any more: its own values are its last ones.
 */
export type QueueRow = {
  readonly own: OwnSettings;
  readonly updatedAt: string;
  readonly updatedBy: string;
  readonly revision: bigint;
  readonly retired?: { readonly since: string; readonly by: string };
};

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
  readonly stops: Stops;
  readonly importing: Importing | null;
};

export const DEFAULT_ROW = 'default';
export const initialConfiguration: Configuration = {
  ...{ queues: new Map(), businessHours: new Map(), rules: initialRules, stops: new Map(), importing: null },
};

const isColumn = (name: string): name is ColumnName => Object.hasOwn(columns, name);

/** Stored values that today's columns accept; a column that is gone, or a value out of today's bounds, counts as inherited. */
const known = (stored: Readonly<Record<string, unknown>>): OwnSettings =>
  Object.fromEntries(
    Object.entries(stored).flatMap(([name, value]) => {
      const read = isColumn(name) && value !== null ? columns[name].safeParse(value) : undefined;
      return read?.success ? [[name, read.data]] : [];
    }),
  );

/** Looks at the columns that changed alone, for the others were known before. */
const changed = (own: OwnSettings, changes: Readonly<Record<string, { after?: unknown }>>): OwnSettings => {
  const after = Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, change.after]));
  const kept = Object.fromEntries(Object.entries(own).filter(([name]) => !(name in after)));
  return { ...kept, ...known(after) };
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

const isOwn = (event: Recorded<DomainEvent>): event is Recorded<ConfigurationEvent> => event.type in configurationEvents;

/** A logged event as a configuration fact; undefined for one of another kind. */
export const configurationFact = (event: Recorded<DomainEvent>): ConfigurationFact | undefined =>
  isOwn(event) ? { event, revision: event.revision, by: event.metadata.actor.name } : undefined;

/** The configuration that a fold of its own may change in place. */
export type ConfigurationDraft = {
  readonly queues: Map<string, QueueRow>;
  readonly businessHours: Map<string, BusinessHoursRow>;
  readonly rules: RulesDraft;
  readonly stops: Map<string | null, StopSwitch>;
  importing: Importing | null;
};

export const draftOf = ({ queues, businessHours, rules, stops, importing }: Configuration): ConfigurationDraft => ({
  importing,
  queues: new Map(queues),
  businessHours: new Map(businessHours),
  rules: rulesDraftOf(rules),
  stops: new Map(stops),
});

/** Folds an event into a draft, in place. */
export const accumulate = (draft: ConfigurationDraft, { event, revision, by }: ConfigurationFact): void => {
  const { changes, importing } = changesMadeBy(event, draft.importing);
  draft.importing = importing;
  for (const change of changes) accumulateChange(draft, change, revision, by);
};

const accumulateChange = (
  { queues, businessHours, rules, stops }: ConfigurationDraft,
  event: ConfigurationChange,
  revision: bigint,
  by: string,
): void => {
  const change = { updatedAt: event.data.at, updatedBy: by, revision };
  if (isRuleEvent(event)) {
    accumulateRules(rules, event, revision, by);
    return;
  }
  if (isStopEvent(event)) {
    accumulateStops(stops, event, revision, by);
    return;
  }
  switch (event.type) {
    case 'BusinessHoursCreated':
      businessHours.set(event.data.name, { ...change, hours: event.data.hours });
      return;
    case 'BusinessHoursChanged': {
      const { name, changes } = event.data;
      businessHours.set(name, { ...change, hours: changedHours(businessHours.get(name)?.hours ?? closed, changes) });
      return;
    }
    case 'BusinessHoursDeleted':
      businessHours.delete(event.data.name);
      return;
    case 'QueueCreated':
      queues.set(event.data.queue, { ...change, own: known(event.data.settings) });
      return;
    case 'QueueSettingsChanged': {
      const { queue, changes } = event.data;
      queues.set(queue, { ...change, own: changed(queues.get(queue)?.own ?? {}, changes) });
      return;
    }
    case 'QueueRetired':
      queues.set(event.data.queue, { ...change, own: known(event.data.lastValues), retired: { since: event.data.at, by } });
      return;
    case 'QueueReinstated':
      queues.set(event.data.queue, { ...change, own: known(event.data.settings) });
      return;
    case 'QueueDeleted':
      queues.delete(event.data.queue);
      // Another queue of its name begins without rules, and isn't stopped.
      rules.assigned.delete(event.data.queue);
      stops.delete(event.data.queue);
      return;
  }
};

/** Folds an event. */
export const evolve = (state: Configuration, fact: ConfigurationFact): Configuration => {
  const draft = draftOf(state);
  accumulate(draft, fact);
  return draft;
};

/** A queue's values in force (2.1): its own, else the default row's, else the product's; undefined for a queue that doesn't exist. */
export const settingsOf = ({ queues }: Pick<Configuration, 'queues'>, queue: string): Settings | undefined => {
  const row = queues.get(queue);
  const inherited = row?.retired === undefined ? queues.get(DEFAULT_ROW)?.own : undefined;
  return row && { ...columnDefaults, ...inherited, ...row.own };
};

/** Whether bookings are taken for a queue (2.1): there is one of that name, it isn't the default row, and isn't retired. */
export const takesBookings = ({ queues }: Pick<Configuration, 'queues'>, queue: string): boolean => {
  const row = queues.get(queue);
  return queue !== DEFAULT_ROW && row !== undefined && row.retired === undefined;
};

/** Queues that there are: every row but `default`. One that is retired is among them until its last callback is over. */
export const bookableQueues = (configuration: Configuration): readonly string[] =>
  [...configuration.queues.keys()].filter((queue) => queue !== DEFAULT_ROW).sort();

/** The columns whose value a queue inherits. */
export const inheritedColumns = (own: OwnSettings): readonly ColumnName[] =>
  Object.keys(columns)
    .filter(isColumn)
    .filter((name) => own[name] === undefined);
