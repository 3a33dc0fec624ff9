import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { shownChanges } from '../api/configuration-files/changes.ts';
import { errorIn } from '../api/configuration-files/import-file.ts';
import { readDocument } from '../api/configuration-files/read-document.ts';
import { readTableCsv } from '../api/configuration-files/read-table-csv.ts';
import { readTableJson } from '../api/configuration-files/read-table-json.ts';
import { tableAsCsv } from '../api/configuration-files/write-table.ts';
import { withQueues } from '../api/errors/refusals.ts';
import { decideOnConfiguration } from '../commands/configure.ts';
import { importConfiguration } from '../commands/import-configuration.ts';
import { configurationDocument } from '../domain/configuration/document.ts';
import type { ImportCommand } from '../domain/configuration/import-wanted.ts';
import { tableEtag } from '../domain/configuration/table-etag.ts';
import { accept } from '../domain/kit/decider.ts';
import type { Tell } from '../embedded/control-socket.ts';
import type { CommandContext } from '../eventstore/codec.ts';
import type { EventStore } from '../eventstore/event-store.ts';

export const exported = ['settings', 'business-hours', 'rules', 'configuration'] as const;
/** `npm run export`: what is written as a file. */
export const exportTask = z.object({ command: z.literal('export'), what: z.enum(exported) });
/** `npm run import`: a file's text, of the table as CSV or JSON, or of a configuration; with `dryRun` only what it would change. */
export const importTask = z.object({ command: z.literal('import'), csv: z.boolean(), text: z.string(), dryRun: z.boolean() });

const contextOf = (command: string): CommandContext => {
  const commandId = randomUUID();
  const actor = { kind: 'process', id: command, name: command } as const;
  return { commandId, correlationId: commandId, causationId: commandId, actor };
};

/** Tells a file of the configuration piece by piece, in the form that the API exports and an import takes. */
export const exportConfiguration = async (store: EventStore, what: (typeof exported)[number], tell: Tell): Promise<void> => {
  const read = await decideOnConfiguration<never>(store, () => accept(), contextOf('export'));
  if (!read.ok) return;
  if (what === 'settings') {
    for (const line of tableAsCsv(read.configuration)) await tell(line);
    return;
  }
  const { businessHours, rules, ...others } = configurationDocument(read.configuration);
  const document = { 'business-hours': { businessHours }, rules: { rules }, configuration: { businessHours, rules, ...others } }[what];
  await tell(`${JSON.stringify(document, undefined, 2)}\n`);
};

/** A file of JSON whose rows are under `items` is the table as the list answers it. */
const isTable = (text: string): boolean => {
  try {
    return z
      .looseObject({ items: z.unknown() })
      .refine(({ items }) => items !== undefined)
      .safeParse(JSON.parse(text.replace(/^\uFEFF/, ''))).success;
  } catch {
    return false;
  }
};

/** Imports a file, all of it or nothing, and tells each change, or each error; answers how many of either. What it doesn't name stays. */
export const importFile = async (
  store: EventStore,
  { csv, text, dryRun }: z.output<typeof importTask>,
  now: string,
  tell: Tell,
): Promise<{ readonly changes: number; readonly errors: number }> => {
  const bytes = new TextEncoder().encode(text);
  const file = csv ? await readTableCsv(bytes) : isTable(text) ? readTableJson(bytes) : readDocument(bytes);
  if (!file.ok) {
    for (const error of file.errors) await tell(error);
    return { changes: 0, errors: file.errors.length };
  }
  const command: ImportCommand = {
    ...{ wanted: file.wanted, replace: false, reads: 'all', openCallbacks: () => 0, precondition: null, etag: tableEtag, now },
  };
  const imported = await importConfiguration(store, command, { dryRun, newId: randomUUID }, contextOf('import'));
  if (!imported.ok) {
    const problems = imported.refusal.code === 'INVALID_IMPORT' ? imported.refusal.problems : [];
    for (const one of problems) await tell(errorIn(file.locate, { ...one, message: withQueues(one.message, one.queues, 'all') }));
    return { changes: 0, errors: problems.length };
  }
  const changes = shownChanges(imported.changes);
  for (const change of changes) await tell(change);
  return { changes: changes.length, errors: 0 };
};
