/** What goes wrong with imports of the configuration. */
export const importErrors = {
  UNSUPPORTED_FILE_TYPE: {
    code: 1013,
    http: 415,
    contractHttp: 400,
    message: 'The file must be {types}, in UTF-8: say which in content-type.',
  },
  INVALID_IMPORT: {
    code: 1014,
    http: 400,
    message: 'The file can’t be imported as it stands, and nothing of it was. Correct what is listed under errors[, and {more} more].',
  },
} as const;
