import { isDeepStrictEqual } from 'node:util';
import { accept, refuse } from '../kit/decider.ts';
import { guard } from '../kit/precondition.ts';
import type { AccessCommandOf, AccessDecision, Nameable } from './commands.ts';
import { mayRead } from './reads.ts';
import { type AccessState, etagOf } from './state.ts';

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

/** Whether the one who asks can name a queue: he reads it, and it is there, or was named here before. */
export const canName = ({ queues, reads }: Nameable, queue: string, before: readonly string[]): boolean =>
  mayRead(reads, queue) && (queues.has(queue) || before.includes(queue));

/** Whether a folder would lie in itself below that parent. */
const isLoop = ({ folders }: AccessState, folder: string, parent: string): boolean => {
  const passed = new Set<string>();
  for (let name: string | null = parent; name !== null && !passed.has(name); name = folders.get(name)?.parent ?? null) {
    if (name === folder) return true;
    passed.add(name);
  }
  return false;
};

/** Makes a folder or replaces its parent and queues; what the one who asks can't read in it stays. */
export const putFolder = (command: AccessCommandOf<'PutFolder'>, state: AccessState): AccessDecision => {
  const { folder, parent, nameable, precondition, now: at } = command;
  const row = state.folders.get(folder);
  const refusal = guard(row && etagOf(row), precondition);
  if (refusal !== undefined) return refuse(refusal);
  const before = row?.queues ?? [];
  const errors = command.queues.flatMap((queue, i) =>
    canName(nameable, queue, before) ? [] : [{ path: `queues[${i}]`, message: 'must be a queue that exists' }],
  );
  if (parent !== null && parent !== folder && !state.folders.has(parent))
    errors.push({ path: 'parent', message: 'must be a folder that exists' });
  else if (parent !== null && isLoop(state, folder, parent)) errors.push({ path: 'parent', message: 'must not lie inside this folder' });
  if (errors.length > 0) return refuse({ code: 'INVALID_ACCESS', errors });
  const queues = sorted([...command.queues, ...before.filter((queue) => !mayRead(nameable.reads, queue))]);
  if (row !== undefined && row.parent === parent && isDeepStrictEqual(row.queues, queues)) return accept();
  return accept({ type: 'FolderPut', data: { folder, parent, queues, at } });
};

/** Deletes a folder that holds none and that no group reads. */
export const deleteFolder = ({ folder, precondition, now }: AccessCommandOf<'DeleteFolder'>, state: AccessState): AccessDecision => {
  const row = state.folders.get(folder);
  if (row === undefined) return refuse({ code: 'UNKNOWN_FOLDER' });
  const refusal = guard(etagOf(row), precondition);
  if (refusal !== undefined) return refuse(refusal);
  const folders = [...state.folders].flatMap(([name, { parent }]) => (parent === folder ? [`the folder ${name}`] : []));
  const groups = [...state.groups].flatMap(([name, { reads }]) =>
    reads?.some((read) => 'folder' in read && read.folder === folder) ? [`the access group ${name}`] : [],
  );
  const by = [...folders, ...groups];
  return by.length > 0 ? refuse({ code: 'FOLDER_IN_USE', by }) : accept({ type: 'FolderDeleted', data: { folder, at: now } });
};
