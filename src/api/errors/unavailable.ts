const socketCodes: readonly string[] = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN'];
const poolText =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Cannot use a pool)/;

/** Whether Postgres can't be reached, has no connection left, or is going down (classes 08 and 57P, 53300). */
export const isDatabaseDown = (error: Error): boolean => {
  const found: unknown = Reflect.get(error, 'code');
  const code = typeof found === 'string' ? found : '';
  return socketCodes.includes(code) || code.startsWith('08') || code.startsWith('57P') || code === '53300' || poolText.test(error.message);
};
