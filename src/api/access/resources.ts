import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { accessName } from '../../domain/access/names.ts';
import { roles } from '../../domain/access/roles.ts';
import type { ApiDeps } from '../deps.ts';
import { queueName } from '../schemas/text.ts';
import { nameableBy } from './change.ts';
import { accessResource } from './resource.ts';
import { folderShown, groupShown, shownFolder, shownGroup, shownUser, userShown } from './shapes.ts';

const MOST_NAMES = 10_000;
const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 1_024;

const names = z.array(accessName).max(MOST_NAMES).default([]);
const userBody = z.strictObject({
  name: accessName.optional(),
  password: z
    .string()
    .min(SHORTEST_PASSWORD)
    .max(LONGEST_PASSWORD)
    .nullish()
    .describe('Of a local account. Left out it stays; null takes it away'),
  groups: names,
});
const groupBody = z.strictObject({
  name: accessName.optional(),
  roles: z.array(z.enum(roles)).max(roles.length).default([]),
  members: names.describe('Local users'),
  reads: z
    .array(z.union([z.strictObject({ queue: queueName }), z.strictObject({ folder: accessName, propagate: z.boolean().default(false) })]))
    .max(MOST_NAMES)
    .nullable()
    .default(null)
    .describe('The queues that members see; left out or null, every one, also those to come'),
});
const folderBody = z.strictObject({
  name: accessName.optional(),
  parent: accessName.nullable().default(null),
  queues: z.array(queueName).max(MOST_NAMES).default([]),
});

/** /access-groups, /users and /folders, and one of each by its name (8.2, 8.4). */
export const accessResources =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(
      accessResource(deps, {
        ...{ path: '/users', one: 'User', many: 'Users', shown: shownUser, body: userBody },
        all: ({ users }) => users.keys(),
        show: userShown,
        put: async (_request, user, { password, groups }, guard) => {
          const passwordHash = typeof password === 'string' ? await deps.signIn.passwords.hashed(password) : password;
          return { type: 'PutUser', user, passwordHash, groups, ...guard };
        },
        remove: (user, guard) => ({ type: 'DeleteUser', user, ...guard }),
      }),
    );
    await app.register(
      accessResource(deps, {
        ...{ path: '/access-groups', one: 'AccessGroup', many: 'AccessGroups', shown: shownGroup, body: groupBody },
        all: ({ groups }) => groups.keys(),
        show: groupShown,
        put: async (request, group, body, guard) => {
          const { roles: own, members, reads } = body;
          return { type: 'PutAccessGroup', group, roles: own, members, reads, nameable: nameableBy(deps, request), ...guard };
        },
        remove: (group, guard) => ({ type: 'DeleteAccessGroup', group, ...guard }),
      }),
    );
    await app.register(
      accessResource(deps, {
        ...{ path: '/folders', one: 'Folder', many: 'Folders', shown: shownFolder, body: folderBody },
        all: ({ folders }) => folders.keys(),
        show: folderShown,
        put: async (request, folder, { parent, queues }, guard) => {
          return { type: 'PutFolder', folder, parent, queues, nameable: nameableBy(deps, request), ...guard };
        },
        remove: (folder, guard) => ({ type: 'DeleteFolder', folder, ...guard }),
      }),
    );
  };
