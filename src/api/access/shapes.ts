import { z } from 'zod';
import { rights } from '../../domain/access/events.ts';
import { mayRead, type Reads } from '../../domain/access/reads.ts';
import { isPredefined, roles } from '../../domain/access/roles.ts';
import { type AccessState, type ApiKey, etagOf, membersOf } from '../../domain/access/state.ts';
import { Failure } from '../errors/failure.ts';

const changed = {
  updatedAt: z.string().nullable().describe('Null for a predefined group that nobody changed'),
  updatedBy: z.string().nullable(),
  etag: z.string(),
};

export const shownKey = z
  .object({
    id: z.string(),
    name: z.string(),
    rights: z.array(z.enum(rights)),
    origins: z.array(z.string()),
    expiresAt: z.string().nullable(),
    limits: z.object({ immediatePerNumberPerDay: z.int(), bookingsPerQueuePerMinute: z.int() }),
    createdAt: z.string(),
    createdBy: z.string(),
    etag: z.string(),
  })
  .meta({ id: 'ApiKey' });

export const keyShown = (key: ApiKey): z.output<typeof shownKey> => {
  const { id, name, expiresAt, limits, createdAt, createdBy } = key;
  const lists = { rights: [...key.rights], origins: [...key.origins] };
  return { id, name, ...lists, expiresAt, limits, createdAt, createdBy, etag: etagOf(key) };
};

export const shownUser = z
  .object({
    name: z.string(),
    groups: z.array(z.string()),
    hasPassword: z.boolean(),
    tokens: z.array(z.object({ id: z.string(), createdAt: z.string(), expiresAt: z.string().nullable() })),
    ...changed,
  })
  .meta({ id: 'User' });

/** A user as shown; throws USER_NOT_FOUND. */
export const userShown = ({ users, tokens }: AccessState, name: string): z.output<typeof shownUser> => {
  const user = users.get(name);
  if (user === undefined) throw new Failure('USER_NOT_FOUND');
  const { updatedAt, updatedBy, passwordHash } = user;
  const own = [...tokens.values()]
    .filter((token) => token.user === name)
    .map(({ id, createdAt, expiresAt }) => ({ id, createdAt, expiresAt }));
  const hasPassword = passwordHash !== null;
  return { name, groups: [...user.groups].sort(), hasPassword, tokens: own, updatedAt, updatedBy, etag: etagOf(user) };
};

export const shownGroup = z
  .object({
    name: z.string(),
    roles: z.array(z.enum(roles)),
    members: z.array(z.string()),
    reads: z
      .array(z.union([z.object({ queue: z.string() }), z.object({ folder: z.string(), propagate: z.boolean() })]))
      .nullable()
      .describe('Null is every queue, also those to come'),
    predefined: z.boolean(),
    ...changed,
  })
  .meta({ id: 'AccessGroup' });

/** A group as somebody who reads that sees it; throws ACCESS_GROUP_NOT_FOUND. */
export const groupShown = (state: AccessState, name: string, asker: Reads): z.output<typeof shownGroup> => {
  const group = state.groups.get(name);
  if (group === undefined) throw new Failure('ACCESS_GROUP_NOT_FOUND');
  const { updatedAt, updatedBy } = group;
  const visible = group.reads?.filter((read) => !('queue' in read) || mayRead(asker, read.queue));
  const reads = visible?.map((read) => ('queue' in read ? read : { folder: read.folder, propagate: read.propagate })) ?? null;
  const members = [...membersOf(state, name)];
  return { name, roles: [...group.roles], members, reads, predefined: isPredefined(name), updatedAt, updatedBy, etag: etagOf(group) };
};

export const shownFolder = z
  .object({ name: z.string(), parent: z.string().nullable(), queues: z.array(z.string()), ...changed })
  .meta({ id: 'Folder' });

/** A folder as somebody who reads that sees it; throws FOLDER_NOT_FOUND. */
export const folderShown = ({ folders }: AccessState, name: string, asker: Reads): z.output<typeof shownFolder> => {
  const folder = folders.get(name);
  if (folder === undefined) throw new Failure('FOLDER_NOT_FOUND');
  const { parent, updatedAt, updatedBy } = folder;
  return { name, parent, queues: folder.queues.filter((queue) => mayRead(asker, queue)), updatedAt, updatedBy, etag: etagOf(folder) };
};
