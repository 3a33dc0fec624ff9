import type { JsonObject } from '../kit/events.ts';
import { upcast } from '../kit/events.ts';
import { type ConfigurationEvent, configurationEvents } from './events.ts';
import { type ImportEvent, type ImportedChange, isImportEvent } from './import-events.ts';

/** A change of the configuration that isn't itself about an import. */
export type ConfigurationChange = Exclude<ConfigurationEvent, ImportEvent>;
/** An import under way, and what its parts hold so far. */
export type Importing = { readonly importId: string; readonly parts: readonly (readonly ImportedChange[])[] };

const isKnown = (type: string): type is ConfigurationChange['type'] => Object.hasOwn(configurationEvents, type) && !isImportEvent({ type });

/** A change as it lies in a part of an import. */
export const asImported = ({ type, data }: ConfigurationChange): ImportedChange => ({
  ...{ type, v: configurationEvents[type].v },
  data: { ...data },
});

/** Throws as any reader does on what newer code wrote; a type that this code doesn't know is skipped like such an event. */
const read = ({ type, v, data }: ImportedChange): readonly ConfigurationChange[] => {
  if (!isKnown(type)) return [];
  const current: JsonObject = upcast(type, configurationEvents[type], v, data);
  return [{ type, data: current } as ConfigurationChange]; // upcast holds the data to the type's schema
};

/**
 * The changes that an event makes: an ordinary one itself, the commit of an import all that its parts hold. `importing` goes from one event
 * of the stream to the next, null at first. An import's events follow one another, so any other one ends it.
 */
export const changesMadeBy = (
  event: ConfigurationEvent,
  importing: Importing | null,
): { readonly changes: readonly ConfigurationChange[]; readonly importing: Importing | null } => {
  if (!isImportEvent(event)) return { changes: [event], importing: null };
  const { importId } = event.data;
  if (event.type === 'ImportBegun') return { changes: [], importing: { importId, parts: [] } };
  if (importing?.importId !== importId) return { changes: [], importing: null };
  if (event.type === 'ImportCommitted') return { changes: importing.parts.flat().flatMap(read), importing: null };
  return { changes: [], importing: { importId, parts: [...importing.parts, event.data.changes] } };
};
