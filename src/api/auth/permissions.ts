import type { Right } from '../../domain/access/events.ts';
import type { Principal } from '../../live/access.ts';

/** View, or view and change (8.1). */
export type Level = 'R' | 'W';
type Role = 'Administrator' | 'Supervisor' | 'Developer' | 'Monitor';

/** What each role may do (8.1): a row for each group of operations. */
export const permissionTable = {
  callbacks: { Administrator: 'W', Supervisor: 'W', Developer: 'R', Monitor: 'R' },
  callbackChanges: { Administrator: 'W', Supervisor: 'W' },
  audit: { Administrator: 'R', Supervisor: 'R' },
  queueSettings: { Administrator: 'W', Supervisor: 'R', Developer: 'R' },
  operations: { Administrator: 'W', Developer: 'W' },
} as const satisfies Readonly<Record<string, Partial<Record<Role, Level>>>>;
export type PermissionRow = keyof typeof permissionTable;

/** Who may use a route: users by a row of the table and the level it needs, clients by a right of their key; or anybody at all. */
export type RoutePermission = 'anyone' | { readonly user?: readonly [PermissionRow, Level]; readonly client?: Right };

/** The widest level that any of the roles has in a row; undefined for none. */
export const levelOf = (roles: readonly string[], row: PermissionRow): Level | undefined => {
  const levels: Readonly<Record<string, Level>> = permissionTable[row];
  const own = roles.map((role) => levels[role]);
  return own.includes('W') ? 'W' : own.includes('R') ? 'R' : undefined;
};

const suffices = (level: Level | undefined, needed: Level): boolean => level === 'W' || level === needed;

/** Whether somebody may use a route. */
export const isPermitted = (principal: Principal, permission: RoutePermission): boolean => {
  if (permission === 'anyone') return true;
  if (principal.kind === 'client') return permission.client !== undefined && principal.rights.includes(permission.client);
  if (permission.user === undefined) return false;
  const [row, needed] = permission.user;
  return suffices(levelOf(principal.roles, row), needed);
};
