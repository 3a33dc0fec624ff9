/** Rows of the table of errors about keys, users, groups and folders. */
export const accessErrors = {
  API_KEY_NOT_FOUND: { code: 3030, http: 404, message: 'There is no API key of this id, or not any more. Check the id.' },
  USER_NOT_FOUND: { code: 3031, http: 404, message: 'There is no user of this name. Check the name.' },
  TOKEN_NOT_FOUND: { code: 3032, http: 404, message: 'This user has no token of this id, or not any more. Check the id.' },
  ACCESS_GROUP_NOT_FOUND: { code: 3033, http: 404, message: 'There is no access group of this name. Check the name.' },
  FOLDER_NOT_FOUND: { code: 3034, http: 404, message: 'There is no folder of this name. Check the name.' },

  READS_MORE: {
    code: 2020,
    http: 403,
    message: 'Somebody would read queues by this that you don’t read yourself. Ask an administrator who reads them.',
  },

  KEY_NAME_TAKEN: { code: 4050, http: 409, message: 'Another API key has this name. Choose another, or delete that one first.' },
  PREDEFINED_GROUP: { code: 4051, http: 409, message: 'This access group is always there, and can’t be deleted. Empty it instead.' },
  LAST_ADMINISTRATOR: {
    code: 4052,
    http: 409,
    message: 'This would leave no administrator who can sign in. Give another user that role, and a password or a token, first.',
  },
  FOLDER_IN_USE: { code: 4053, http: 409, message: 'This folder is still in use by {by}. Change them first, then delete it.' },
} as const;
