import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { levelOf, type PermissionRow, permissionTable } from './auth/permissions.ts';
import { failures } from './errors/body.ts';

const rows = Object.keys(permissionTable).filter((row): row is PermissionRow => row in permissionTable);

const session = z.object({
  actor: z
    .object({ kind: z.enum(['user', 'client']), id: z.string(), name: z.string() })
    .nullable()
    .describe('Null without credentials'),
  groups: z.array(z.string()).describe('Access groups of a user'),
  roles: z.array(z.string()),
  rights: z.array(z.string()).describe('Of an API key'),
  permissions: z.record(z.string(), z.enum(['R', 'W'])).describe('By group of operations: view, or view and change'),
});

/** GET /session: who am I, and what may I do. */
export const whoAmI: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/session',
    {
      config: { permission: 'anyone' },
      schema: {
        tags: ['session'],
        operationId: 'getSession',
        summary: 'Who asks, and with which permissions',
        security: [{}, { token: [] }],
        response: { 200: session, ...failures(401, 500, 503) },
      },
    },
    async ({ principal }) => {
      if (principal === null) return { actor: null, groups: [], roles: [], rights: [], permissions: {} };
      const { kind, id, name } = principal;
      const roles = kind === 'user' ? [...principal.roles] : [];
      const groups = kind === 'user' ? [...principal.groups] : [];
      const levels = rows.flatMap((row) => {
        const level = levelOf(roles, row);
        return level === undefined ? [] : [[row, level] as const];
      });
      return {
        actor: { kind, id, name },
        groups,
        roles,
        rights: kind === 'client' ? [...principal.rights] : [],
        permissions: Object.fromEntries(levels),
      };
    },
  );
};
