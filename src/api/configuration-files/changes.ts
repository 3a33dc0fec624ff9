import { z } from 'zod';
import type { ConfigurationChange } from '../../domain/configuration/imports.ts';

const change = z.enum(['created', 'changed', 'deleted', 'reinstated', 'assigned', 'unassigned']);
export const changedName = z.object({
  part: z.enum(['queues', 'businessHours', 'numbers', 'capacity', 'regions']),
  name: z.string(),
  change,
  columns: z
    .record(z.string(), z.object({ before: z.unknown(), after: z.unknown() }))
    .optional()
    .describe('Of a queue: the values that it has of its own; null is inherited'),
  rule: z.string().optional().describe('Which rule is assigned to the queue of this name, or taken from it'),
});
export type ChangedName = z.output<typeof changedName>;

const verbs: Readonly<Record<string, ChangedName['change']>> = {
  Created: 'created',
  Changed: 'changed',
  Deleted: 'deleted',
  Assigned: 'assigned',
  Unassigned: 'unassigned',
};
const parts: Readonly<Record<string, ChangedName['part']>> = {
  BusinessHours: 'businessHours',
  NumberRule: 'numbers',
  CapacityRule: 'capacity',
  RegionRule: 'regions',
};

const shown = (event: ConfigurationChange): ChangedName | undefined => {
  switch (event.type) {
    case 'QueueCreated':
    case 'QueueReinstated': {
      const columns = Object.fromEntries(Object.entries(event.data.settings).map(([name, after]) => [name, { before: null, after }]));
      return { part: 'queues', name: event.data.queue, change: event.type === 'QueueCreated' ? 'created' : 'reinstated', columns };
    }
    case 'QueueSettingsChanged': {
      const columns = Object.fromEntries(
        Object.entries(event.data.changes).map(([name, { before = null, after = null }]) => [name, { before, after }]),
      );
      return { part: 'queues', name: event.data.queue, change: 'changed', columns };
    }
    case 'QueueDeleted':
      return { part: 'queues', name: event.data.queue, change: 'deleted' };
    default: {
      const [, of = '', verb = ''] = /^(.*?)(Created|Changed|Deleted|Assigned|Unassigned)$/.exec(event.type) ?? [];
      const part = parts[of];
      const done = verbs[verb];
      if (part === undefined || done === undefined || !('name' in event.data)) return undefined;
      const { data } = event;
      return 'queue' in data ? { part, name: data.queue, change: done, rule: data.name } : { part, name: data.name, change: done };
    }
  }
};

/** Changes as an import answers them. */
export const shownChanges = (changes: readonly ConfigurationChange[]): readonly ChangedName[] =>
  changes.map(shown).filter((one) => one !== undefined);
