import { z } from 'zod';
import type { Principal } from '../../live/access.ts';
import { levelOf, type PermissionRow, permissionTable } from '../auth/permissions.ts';

const rows = Object.keys(permissionTable).filter((row): row is PermissionRow => row in permissionTable);

/** Who asks, and what he may do. */
export const shownSession = z.object({
  actor: z
    .object({ kind: z.enum(['user', 'client']), id: z.string(), name: z.string() })
    .nullable()
    .describe('Null without credentials'),
  groups: z.array(z.string()).describe('Access groups of a user'),
  roles: z.array(z.string()),
  rights: z.array(z.string()).describe('Of an API key'),
  permissions: z.record(z.string(), z.enum(['R', 'W'])).describe('By group of operations: view, or view and change'),
  csrfToken: z
    .string()
    .optional()
    .describe('Of a session by cookie: changes carry it in the header x-csrf-token, and come from a page of this service'),
});

/** `csrfToken` is that of a session by cookie. */
export const showSession = (principal: Principal | null, csrfToken?: string): z.output<typeof shownSession> => {
  if (principal === null) return { actor: null, groups: [], roles: [], rights: [], permissions: {} };
  const { kind, id, name } = principal;
  const user = kind === 'user' ? principal : { roles: [], groups: [] };
  const levels = rows.flatMap((row) => {
    const level = levelOf(user.roles, row);
    return level === undefined ? [] : [[row, level] as const];
  });
  return {
    actor: { kind, id, name },
    groups: [...user.groups],
    roles: [...user.roles],
    rights: kind === 'client' ? [...principal.rights] : [],
    permissions: Object.fromEntries(levels),
    ...(csrfToken === undefined ? {} : { csrfToken }),
  };
};
