/** What a group's members may do (8.1). */
export const roles = ['Administrator', 'Supervisor', 'Developer', 'Monitor'] as const;
export type Role = (typeof roles)[number];

/** The groups that are always there, with the roles they begin with (8.2). */
export const predefinedGroups: Readonly<Record<string, readonly Role[]>> = {
  Administrators: ['Administrator'],
  Supervisors: ['Supervisor'],
  Managers: ['Monitor'],
  'Callback Developers': ['Developer'],
  Agents: [],
};

export const isPredefined = (group: string): boolean => Object.hasOwn(predefinedGroups, group);
