import { z } from 'zod';
import { type OwnSettings, settingsRow } from '../../domain/configuration/columns.ts';
import { ownSettings } from '../queue-settings/row.ts';
import { queueName } from '../schemas/text.ts';
import { type Locate, MOST_ROWS, type ReadFile } from './import-file.ts';
import { readJson } from './read-json.ts';
import { alsoBesideErrors, refuseRepeated } from './repeated.ts';

/** A row as the list answers it. What is only told of it is taken and not looked at. */
const item = z.strictObject({
  queue: queueName,
  settings: settingsRow,
  inherited: z.array(z.string().max(64)).max(100).default([]).describe('Columns that stay inherited, with the values that they have so'),
  retired: z.unknown().optional().describe('A row that is retired is left as it is'),
  ...{ warnings: z.unknown(), updatedAt: z.unknown(), updatedBy: z.unknown(), etag: z.unknown() },
});
export const tableFile = z.strictObject({
  items: z
    .array(item.partial({ warnings: true, updatedAt: true, updatedBy: true, etag: true }))
    .max(MOST_ROWS)
    .superRefine(refuseRepeated('queue'), alsoBesideErrors),
  next: z.unknown().optional(),
  total: z.unknown().optional(),
});

/** Reads the table as the list of rows answers it (2.5). In a row, a column that is left out, null, or under `inherited` is inherited. */
export const readTableJson = (file: Uint8Array): ReadFile => {
  const read = readJson(file, tableFile);
  if (!read.ok) return read;
  const queues = new Map<string, OwnSettings>();
  const inherited = new Map<string, OwnSettings>();
  const indexes = new Map<string, number>();
  for (const [index, { queue, settings, inherited: columns, retired }] of read.value.items.entries()) {
    indexes.set(queue, index);
    if (retired !== undefined && retired !== null) continue;
    const all = Object.entries(ownSettings(settings));
    queues.set(queue, Object.fromEntries(all.filter(([column]) => !columns.includes(column))));
    inherited.set(queue, Object.fromEntries(all.filter(([column]) => columns.includes(column))));
  }
  const locate: Locate = (part, name, field) => {
    const index = indexes.get(name);
    if (part !== 'queues' || index === undefined) return null;
    return read.place(['items', index, ...(field === undefined ? [] : field === 'queue' ? ['queue'] : ['settings', field])]);
  };
  return { ok: true, wanted: { queues, inherited }, locate };
};
