import { isDeepStrictEqual } from 'node:util';
import { accept, refuse } from '../kit/decider.ts';
import { guard } from '../kit/precondition.ts';
import { leavesNoAdministrator } from './administrators.ts';
import type { AccessCommandOf, AccessDecision, AskedRead } from './commands.ts';
import { canName } from './decide-folders.ts';
import type { AccessEvent, GroupRead } from './events.ts';
import { mayRead } from './reads.ts';
import { roles as allRoles, isPredefined } from './roles.ts';
import { type AccessState, etagOf, membersOf } from './state.ts';

/** A grant of a folder that isn’t propagated covers what lies in it now; granted again, what lies in it then (8.2). */
const granted = ({ folders }: AccessState, read: AskedRead): GroupRead => {
  if ('queue' in read) return { queue: read.queue };
  const { folder, propagate } = read;
  return { folder, propagate, covers: propagate ? [] : [...(folders.get(folder)?.queues ?? [])] };
};

/** Makes a group or replaces its roles, members and reads; queues in it that the one who asks can't read stay. */
export const putAccessGroup = (command: AccessCommandOf<'PutAccessGroup'>, state: AccessState): AccessDecision => {
  const { group, nameable, precondition, now: at } = command;
  const row = state.groups.get(group);
  const refusal = guard(row && etagOf(row), precondition);
  if (refusal !== undefined) return refuse(refusal);
  const before = row?.reads?.flatMap((read) => ('queue' in read ? [read.queue] : [])) ?? [];
  const errors = [
    ...command.members.flatMap((name, i) =>
      state.users.has(name) ? [] : [{ path: `members[${i}]`, message: 'must be a user who exists' }],
    ),
    ...(command.reads ?? []).flatMap((read, i) => {
      if ('queue' in read)
        return canName(nameable, read.queue, before) ? [] : [{ path: `reads[${i}].queue`, message: 'must be a queue that exists' }];
      return state.folders.has(read.folder) ? [] : [{ path: `reads[${i}].folder`, message: 'must be a folder that exists' }];
    }),
  ];
  if (errors.length > 0) return refuse({ code: 'INVALID_ACCESS', errors });
  const roles = allRoles.filter((role) => command.roles.includes(role));
  const members = [...new Set(command.members)].sort();
  const hidden = before.filter((queue) => !mayRead(nameable.reads, queue)).map((queue) => ({ queue }));
  const reads = command.reads && [...command.reads.map((read) => granted(state, read)), ...hidden];
  if (row !== undefined && isDeepStrictEqual([row.roles, membersOf(state, group), row.reads], [roles, members, reads])) return accept();
  const put: AccessEvent = { type: 'AccessGroupPut', data: { group, roles, members, reads, at } };
  return leavesNoAdministrator(state, [put], at) ? refuse({ code: 'LAST_ADMINISTRATOR' }) : accept(put);
};

/** Deletes a group that isn't one of the predefined. */
export const deleteAccessGroup = (
  { group, precondition, now: at }: AccessCommandOf<'DeleteAccessGroup'>,
  state: AccessState,
): AccessDecision => {
  const row = state.groups.get(group);
  if (row === undefined) return refuse({ code: 'UNKNOWN_ACCESS_GROUP' });
  const refusal = guard(etagOf(row), precondition);
  if (refusal !== undefined) return refuse(refusal);
  if (isPredefined(group)) return refuse({ code: 'PREDEFINED_GROUP' });
  const deleted: AccessEvent = { type: 'AccessGroupDeleted', data: { group, at } };
  return leavesNoAdministrator(state, [deleted], at) ? refuse({ code: 'LAST_ADMINISTRATOR' }) : accept(deleted);
};
