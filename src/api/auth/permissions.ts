import type { Right } from '../../domain/access/events.ts';
import type { Role } from '../../domain/access/roles.ts';
import type { Principal } from '../../live/access.ts';

/** View, or view and change (8.1). */
export type Level = 'R' | 'W';

/** What each role may do: the table of 8.1, row by row. A role that a row doesn't name may nothing there. */
export const permissionTable = {
  /** List, metrics, history. */
  callbacks: { Administrator: 'W', Supervisor: 'W', Developer: 'R', Monitor: 'R' },
  /** Create, reschedule, cancel, recreate, bulk, cancellation report. */
  callbackChanges: { Administrator: 'W', Supervisor: 'W' },
  /** Queue list, waiting line, callback search. */
  tools: { Administrator: 'R', Supervisor: 'R', Developer: 'R' },
  stopSwitch: { Administrator: 'W', Supervisor: 'W', Developer: 'R', Monitor: 'R' },
  /** Take-over import, offers. */
  takeOver: { Administrator: 'W' },
  /** Live stream (of what else one may read), one's own session and preferences. */
  ownSession: { Administrator: 'W', Supervisor: 'W', Developer: 'W', Monitor: 'W' },
  numberRules: { Administrator: 'W', Supervisor: 'W', Developer: 'W' },
  capacityRules: { Administrator: 'W', Supervisor: 'R', Developer: 'R', Monitor: 'R' },
  regionRules: { Administrator: 'W', Supervisor: 'R', Developer: 'R' },
  callInGroups: { Administrator: 'W', Supervisor: 'R', Developer: 'R', Monitor: 'R' },
  callInRecords: { Administrator: 'W', Developer: 'R' },
  /** Errors, credentials, key validation, CORS origins. */
  developer: { Administrator: 'W', Developer: 'W' },
  /** Queue settings, business hours, do-not-call. */
  queueSettings: { Administrator: 'W', Supervisor: 'R', Developer: 'R' },
  /** API keys, webhooks, operations. */
  operations: { Administrator: 'W', Developer: 'W' },
  /** Users, access groups, folders, erase. */
  access: { Administrator: 'W' },
  /** Reports and audit. */
  audit: { Administrator: 'R', Supervisor: 'R' },
} as const satisfies Readonly<Record<string, Partial<Record<Role, Level>>>>;
export type PermissionRow = keyof typeof permissionTable;

/** Who may use a route: users by a row of the table and the level it needs, clients by a right of their key; or anybody at all. */
export type RoutePermission = 'anyone' | { readonly user?: readonly [PermissionRow, Level]; readonly client?: Right };

/** The widest level that any of the roles has in a row; undefined for none. */
export const levelOf = (roles: readonly Role[], row: PermissionRow): Level | undefined => {
  const levels: Partial<Readonly<Record<Role, Level>>> = permissionTable[row];
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
